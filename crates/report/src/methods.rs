//! How the numbers came to be, and how to get them again.

use maud::{Markup, html};

use crate::view::{View, count};

pub fn methods(view: &View) -> Markup {
    let run = &view.summary.run;
    html! {
            dl.methods {
                dt { "Arms" }
                dd {
                    code { "frozen" } ": the inherited evaluator in a search that knows the new rules exactly. "
                    code { "stale-search" } ": the same evaluator, and a search that still believes the old rules; \
                        where it wants a move that the true rules forbid, the legal move with the best prior is \
                        played, and the illegal choice is counted. "
                    code { "reselected" } ": an evaluator selected under the new rules at equal cost. "
                    code { "reselected-stale-search" } ": that evaluator behind the old rules. "
                    code { "zero" } ": the same search with uniform priors and value 0. "
                    code { "rollout" } ": values from random games. Both sides of a match have the same number of \
                        playouts per move, unless the table says otherwise."
                }
                dt { "Further arms" }
                dd {
                    "Parts: " code { "prior-only" } ", " code { "value-only" } " and " code { "value-flipped" } " keep one \
                        half of the inherited evaluator, or turn its value about; " code { "old-prior-new-value" } " and "
                    code { "new-prior-old-value" } " take the other half from the reselected one. Guards: " code { "half-trusted" }
                    " mixes prior and value half and half with knowing nothing (after PA-MCTS), " code { "entropy-guarded" }
                    " trusts both as far as the prior is decided: 1 less its entropy over that of a uniform one (after EDP). \
                        Controllers: " code { "policy-only" } " plays its prior's best move, " code { "policy-adaptive" }
                    " also corrects itself by what its last move did to its own value, " code { "policy-reselected" }
                    " is their rival. " code { "conditioned" } " was selected over six regimes and sees the rules; "
                    code { "conditioned-masked" } " is shown the old ones."
                }
                dt { "Curves" }
                dd {
                    "Points of a training run, by games: " code { "snapshot" } " under the old rules; " code { "finetuned" }
                    " and " code { "afresh" } " by trials under the new ones, from inherited weights and from zero; "
                    code { "federated" } " by its own deployed games, which return to the base optimizer every so many games \
                        and are redistributed as new weights; " code { "mixed" } " the same with games under both rules. "
                    code { "width" } ": evaluators selected alike with so many hidden units. " code { "material" }
                    " searches for material alone, " code { "trans" } " was selected for another goal, " code { "random" }
                    " plays any legal move."
                }
                dt { "Registered claims" }
                dd { "One effect per evaluator seed; p is the share of sign patterns at least as far from 0 (exact \
                    sign-flip), adjusted by Holm over the primary claims and by Benjamini and Hochberg over the shifts. A best \
                    budget is chosen on the other seeds. SUPPORTED and OPPOSITE need p below 5% and an effect beyond 20 \
                    Elo; EQUIVALENT two one-sided t tests at 5% within 20 Elo (not if all effects are 0: the \
                    yardstick was at its end). A claim that something does not happen is tested for non-inferiority: \
                    SUPPORTED if a one-sided t test at 5% puts the effect below 20 Elo, which its contrary satisfies as \
                    well; OPPOSITE if it happens clearly; its p is that of this test, adjusted with the others. For a shift that                     should cost nothing, p is that of the two one-sided tests. Seeds share rivals where there are fewer rivals than seeds: then \
                    the claim is about these rivals." }
                dt { "Goal or novelty" }
                dd { "Surprise is how unusual positions of play are: minus the binary logarithm of how often a man of its \
                    kind stood on its square before the change, as its owner sees it, averaged over men. Per seed the losses \
                    of all shifts of goal and start are regressed on it and on whether the goal changed: the second \
                    coefficient is what a changed goal costs at equal surprise." }
                dt { "Probes" }
                dd { "Questions at fixed positions of play. Regret: every legal move is judged by another evaluator \
                    selected under the rules in force, with a search of its own after each; a judge of the same kind may \
                    share mistakes with the reselected arm, not with the inherited one. Exact: a small game solved from its \
                    end. Foresight: what the frozen agent plays at its full budget, and how often a predictor plays the same." }
                dt { "Monitors" }
                dd { "An e-detector of Shiryaev-Roberts kind on each game's mean squared error of prediction (Shin, Ramdas, \
                    Rinaldo 2024), M = (M + 1)(1 + λ(x − μ)), mixed over four λ, alarm at 1,000; μ from the first half \
                    of the games under none, with a standard error to spare. CUSUM and Page-Hinkley see the same errors, with \
                    half a standard deviation of slack and thresholds simulated for an average run of 1,000 games until a \
                    false alarm. Self-consistency is the e-detector on the mean squared change of the own estimate from move \
                    to move, which needs no result. Games do not depend on each other, so \
                    what was played after the alarm is taken from the same openings played by rollout. The random alarm is that \
                    of another shift." }
                dt { "Deployments" }
                dd { "Points lost are the area under the loss of a curve over games, straight between measured points: in \
                    deployed games for " code { "federated" } " and " code { "mixed" } ", at the start for " code { "frozen" }
                    ". Policies that train by trials pay the games until their loss stays within 20 Elo, or all that were \
                        measured; " code { "retracted" } " also loses as frozen until its monitor's alarm, and for good where \
                        there is none." }
                dt { "Unit of sampling" }
                dd {
                    "A distinct random opening under a distinct, independently selected evaluator. Each opening is \
                        played twice with colours swapped, and the pair has one score: 0, ¼, ½, ¾ or 1. A \
                        deterministic engine repeats its games exactly, so repeating an opening would add nothing. \
                        The headline has "
                    (count(run.pairs as usize, "pair", "pairs")) " per cell and seed, \
                        and " (count(run.seeds as usize, "evaluator seed", "evaluator seeds")) "."
                }
                dt { "Interval" }
                dd {
                    "95%, by Student's t, from a standard error that adds the variance between evaluator seeds to \
                        that between openings. Each interval stands alone: none is corrected for the number of \
                        comparisons, and about one in twenty misses its target by chance. Where all seeds meet one \
                        and the same reselected evaluator, the interval does not cover the luck of that selection. \
                        Elo is logistic, 400 log₁₀(s / (1 − s)), and unbounded at 0 and 1."
                }
                dt { "Verdicts" }
                dd { "Harmful: the whole interval lies below 50%. Helpful: the whole interval lies above. Otherwise \
                    not distinguishable from 50%, which is not evidence of equality: the interval shows what remains \
                    possible." }
                dt { "Relative deficit" }
                dd { "The frozen evaluator loses to a reselected rival with equal search. It says that selecting \
                    again would have been better; it does not say that search made anything worse." }
                dt { "Goodhart decline" }
                dd {
                    "The true score falls against a " em { "fixed" } " opponent while the evaluator's own estimate \
                        rises. Only this may be called over-optimization. It takes an opponent whose budget does not \
                        grow along the axis and a peak chosen on seeds held out from the test. Where both \
                        sides of a playout curve search equally, a falling line says that search helps the opponent \
                        more than it helps the inherited evaluator: a growing deficit, not by itself a decline."
                }
                dt { "Rules × evaluator" }
                dd {
                    "E(rules, evaluator) is the score against " code { "reselected" } "; o is old, n is new. Effect \
                        of the evaluator: E(nn) − E(no). Effect of the rules: E(nn) − E(on). Interaction: E(oo) − \
                        E(on) − E(no) + E(nn). E(nn) is a match of the rival against itself: 50% by construction, \
                        without error, where it was not played. Errors of differences, here and in the findings, are \
                        roots of sums of squares, as if cells were independent; a cell's error is the larger of its \
                        standard error and the half-width of its interval over 1.96, which heeds how few seeds there \
                        are and that games which all end alike are not certain."
                }
                dt { "Exact nulls" }
                dd { "Changes that change nothing, such as the mirrored board with the evaluator mirrored too. Pair \
                    by pair, results, lengths and own estimates must equal those of " code { "none" } " exactly, or \
                    the harness is wrong. The raw mirror, with the evaluator left as it was, is no placebo: it is a \
                    shift of what the evaluator sees." }
                dt { "Own estimate" }
                dd { "The arm's mean estimate, at the root of its search, of its own expected score, over the moves \
                    it chose." }
                dt { "Value correlation" }
                dd { "Pearson's, between the frozen evaluator's value of a position and the result for the side to \
                    move, over games under the new rules that nobody steered by that value. Near 0 the inherited \
                    judgement says nothing any more; below 0 it points the wrong way." }
                dt { "Games to replay" }
                dd { "One per shift, chosen among the first as the one in which the frozen side was most mistaken \
                    about its chances. They illustrate and are no sample." }
                dt { "Prior work" }
                dd { "Planning that guards against what it inherited: EDP (Tamassia and Boehmer 2025; gridworlds, one agent) and \
                    PA-MCTS (Gym; no opponent). Soemers et al. transfer across Ludii games, sometimes better than direct \
                    training: a warning to the hypothesis here. KataGo plays several rule sets from one run, whose rules it \
                    sees; Tomašev et al. retrain per chess variant; Langosco et al. and Shah et al. show goals that \
                    misgeneralise, without explicit search; Wang et al. beat a searcher under unchanged rules; Gao et al. \
                    measure over-optimization against a learned gold standard, not an exact one. Not met in any of them: \
                    error of the rules times error of the parameters in adversarial games, exact gold over playouts that tells \
                    a deficit from a decline, doses with exact nulls, when to discard rather than finetune. None found is \
                    no proof that there is none." }
                dt { "Terms" }
                dd { "The search is written by hand and plays ahead exactly by the rules that it is given; what is \
                    inherited is the evaluator that judges its leaves. The two together are a direct mesa-optimizer \
                    in Manheim's sense. No learned inner search is claimed." }
            }
    }
}
