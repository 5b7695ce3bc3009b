//! How the numbers came to be.

use maud::{Markup, html};

/// Terms and methods, in words that hold for every suite.
pub fn methods() -> Markup {
    html! {
        dl.methods {
            dt { "Agents" }
            dd { "Where a prior and a value come from, which search uses them, under which rules and payoff it believes to play, and what is \
                done about evidence. The two sides of a match have the same number of playouts per move unless a table says otherwise. \
                An agent that believes in wrong rules may want a move that the true rules forbid: then the legal move with the best \
                prior is played, and the illegal choice is counted." }
            dt { "Unit of sampling" }
            dd { "A distinct random opening under a distinct, independently selected evaluator. Each opening is played twice with colours \
                swapped, and the pair has one score: the mean of its two games. A deterministic engine repeats its games exactly, so \
                repeating an opening would add nothing." }
            dt { "Intervals of cells" }
            dd { "95%, by Student's t, from a standard error that adds the variance between evaluators to that between openings. Each stands \
                alone: none is corrected for the number of comparisons, and about one in twenty misses its target by chance. Where all \
                evaluators meet one and the same rival, the interval does not cover the luck of that selection. Elo is logistic, \
                400 log₁₀(s / (1 − s)), and unbounded at 0 and 1." }
            dt { "Three columns" }
            dd { "Expected is what was written down before the run; found is what the rows say; whether they agree follows from the two. Of \
                shifts: COSTS and HELPS need an adjusted p below 5% and an effect beyond the smallest of interest; EQUIVALENT two \
                one-sided tests within it; UNRESOLVED is the rest, with the effect that the design would have shown with a power of \
                80%; INVALID means that the number would mean nothing, with the reason: a cell at its floor or ceiling, a yardstick \
                that could not move, a broken null, a missing cell. Where no result of the design could have been significant there is \
                no verdict, and the number of units says why. Of claims: SUPPORTED, REFUTED and the last four." }
            dt { "Estimators" }
            dd { "A claim states which populations it generalises over; each of them is a random effect. " b { "difference" } ": a weighted \
                sum of the means of cells. " b { "interaction" } ": of two factors, on the logit scale, cells away from 0 and 1. "
                b { "trend" } ": a least squares slope. " b { "peak-to-trough" } ": what is lost behind the best point of a curve; both \
                places are chosen on other evaluators than those that test them. " b { "area" } ": between two curves, over the width of x. "
                b { "time-to-threshold" } ": how much sooner one curve stays on a side of a threshold. " b { "association" } ": an effect \
                per shift against a covariate. The interval is a crossed bootstrap over the populations; p an exact sign flip or \
                permutation of units, with several populations the largest of these and a crossed t test." }
            dt { "Multiplicity" }
            dd { "Primary claims are adjusted by Holm, the shifts' own hypotheses by Benjamini and Hochberg. Exploratory claims are not adjusted: \
                they want another run. The smallest p is the smallest that the design could have given: above 5% it can settle nothing." }
            dt { "Relative deficit" }
            dd { "An agent loses to a rival selected under the new rules that searches as much. It says that selecting again would have been \
                better; it does not say that search made anything worse." }
            dt { "Over-optimization" }
            dd { "The true score falls against a " em { "fixed" } " opponent while the pursued measure rises. It takes an opponent whose budget \
                does not grow along the axis, and a peak chosen on evaluators held out from the test. Where both sides search equally, a \
                falling line says that search helps the opponent more: a growing deficit, not by itself a decline." }
            dt { "Whose success" }
            dd { "How a game ended is the rules' word; what an ending is worth is the regime's. Every game is priced by the new payoff, which \
                is the principal's, and by the old one, which the agent was selected for." }
            dt { "Probes" }
            dd { "Questions at fixed positions of play. Regret by a judge of the same kind may share mistakes with agents selected alike; exact \
                regret, in a solved game, cannot." }
            dt { "Monitors" }
            dd { "e-detectors of Shiryaev and Roberts' kind (Shin, Ramdas, Rinaldo 2024), Page's CUSUM, and the test of Page and Hinkley, on the \
                squared errors of the agent's own predictions or on the changes of its estimate within games. Games do not depend on \
                each other, so what would have been played after an alarm is taken from the same openings played by the other agent." }
            dt { "Exact nulls" }
            dd { "Changes that change nothing, such as a mirrored board with the evaluator mirrored too. Pair by pair, results, lengths and own \
                estimates must equal those under the unchanged rules exactly, or the harness is wrong and nothing may be concluded." }
            dt { "Own estimate" }
            dd { "The agent's mean estimate, at the root of its search, of its own expected score, over the moves it chose." }
            dt { "Value correlation" }
            dd { "Pearson's, between the inherited value of a position and the result for the side to move, over games under the new rules \
                that nobody steered by that value. Near 0 the inherited judgement says nothing any more; below 0 it points the wrong way." }
            dt { "Surprise" }
            dd { "How unusual positions of play are: minus the binary logarithm of how often a man of its kind stood on its square before \
                the change, as its owner sees it, averaged over men." }
            dt { "Games to replay" }
            dd { "One per shift, chosen among the first as the one whose agent was most mistaken about its chances. They illustrate and are no \
                sample." }
            dt { "Prior work" }
            dd { "Planning that guards against what it inherited: EDP (Tamassia and Boehmer 2025; gridworlds, one agent) and PA-MCTS (Gym; no \
                opponent). Soemers et al. transfer across Ludii games, sometimes better than direct training. KataGo plays several rule \
                sets from one run, whose rules it sees; Tomašev et al. retrain per chess variant; Langosco et al. and Shah et al. show \
                goals that misgeneralise, without explicit search; Wang et al. beat a searcher under unchanged rules; Gao et al. measure \
                over-optimization against a learned gold standard, not an exact one." }
            dt { "Terms" }
            dd { "The search is written by hand and plays ahead exactly by the rules that it is given; what is inherited is the evaluator that \
                judges its leaves. The two together are a direct mesa-optimizer in Manheim's sense. No learned inner search is claimed." }
        }
    }
}
