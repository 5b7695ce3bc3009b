//! What the sections of the page promise.

mod fixture;

use regime::results::{Deployment, Monitored, ProbeCell, SharedMonitor, Summary};
use report::html;

const ATTACK: &str = "<img src=x onerror=alert(1)>\"'&</script>";

/// In the order of the story.
const SECTIONS: [&str; 17] = [
    "claims",
    "headline",
    "cost",
    "curves",
    "attribution",
    "monitor",
    "control",
    "updating",
    "agents",
    "size",
    "rocket",
    "dose",
    "further",
    "findings",
    "shifts",
    "cells",
    "methods",
];

/// The page without its data.
fn shown(summary: &Summary) -> String {
    let page = html(summary);
    let end = page.find("<script type=\"application/json\"").expect("the data");
    page[..end].to_owned()
}

/// The text of a section: up to the next one.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<section id=\"{id}\">")).unwrap_or_else(|| panic!("no section {id}"));
    let rest = &page[start + 1..];
    &rest[..rest.find("<section id=").unwrap_or(rest.len())]
}

#[test]
fn every_experiment_has_its_section_in_the_order_of_the_story() {
    let page = shown(&fixture::summary(1));
    let at = |text: String| page.find(&text).unwrap_or_else(|| panic!("{text}"));
    let places: Vec<usize> = SECTIONS.iter().map(|id| at(format!("<section id=\"{id}\">"))).collect();
    let links: Vec<usize> = SECTIONS.iter().map(|id| at(format!("<a href=\"#{id}\">"))).collect();
    assert!(places.is_sorted() && links.is_sorted());
    assert!(!page.contains("Not in this run"));
}

#[test]
fn what_a_run_does_not_hold_is_not_linked_but_named() {
    let mut summary = fixture::summary(2);
    summary.probes.clear();
    summary.deployments.clear();
    summary.monitored.clear();
    summary.rocket = None;
    summary.rows.retain(|r| r.experiment == "headline");
    summary.findings.retain(|f| f.test != "results-notice-sooner");
    let page = shown(&summary);
    for gone in ["monitor", "rocket"] {
        assert!(!page.contains(&format!("id=\"{gone}\"")) && !page.contains(&format!("href=\"#{gone}\"")), "{gone}");
    }
    assert!(page.contains("Not in this run: ") && page.contains("9 Rocket"));
    // A claim stays in its section even so.
    assert!(section(&page, "size").contains("This run does not hold what these claims are about."));
}

#[test]
fn every_claim_stands_in_the_table_and_before_its_experiment() {
    let summary = fixture::summary(3);
    let page = shown(&summary);
    for finding in &summary.findings {
        assert_eq!(page.matches(&finding.claim).count(), 2, "{}", finding.test);
        assert!(section(&page, "claims").contains(finding.verdict.word()));
    }
    assert!(section(&page, "updating").find("SUPPORTED") < section(&page, "updating").find("<svg"));
    assert!(page.contains("19 claims were"));
}

#[test]
fn doses_are_drawn_by_dial_share_and_ply() {
    let page = shown(&fixture::summary(4));
    let dose = section(&page, "dose");
    for words in
        ["checks to win", "falls at every step", "5% of the games", "from the start", "ply 32", "not announced"]
    {
        assert!(dose.contains(words), "{words}");
    }
}

#[test]
fn a_ranking_that_flips_says_where() {
    let mut summary = fixture::summary(5);
    let page = shown(&summary);
    // (12000 - 0) / (1700 - 220) trial games, then (36000 - 12000) / (220 - 90).
    assert!(page.contains("federated is cheapest below c = 8.11, foreseen from c = 8.11, afresh from c = 185."));
    assert!(page.contains("frozen, federated, mixed tie at 0, as they must."));
    summary.deployments.retain(|d| ["frozen", "federated"].contains(&d.policy.as_str()));
    assert!(shown(&summary).contains("The ranking never flips: </b>federated is cheapest at every price."));
}

#[test]
fn a_loss_that_nobody_noticed_is_named() {
    let page = shown(&fixture::summary(6));
    let monitors = section(&page, "monitor");
    let quadrant = &monitors[monitors.find("Real regret, no alarm: 1").expect("one such shift")..];
    assert!(quadrant.find("mirror-raw") < quadrant.find("Real regret, alarm"));
    for name in ["cusum", "page-hinkley", "self-consistency"] {
        assert!(monitors.contains(name), "{name}");
    }
}

#[test]
fn each_kind_of_agent_is_judged_on_its_own_definition() {
    let page = shown(&fixture::summary(7));
    let agents = section(&page, "agents");
    for kind in ["super", "sub", "trans", "shared model"] {
        assert!(agents.contains(&format!("<th scope=\"row\">{kind}</th>")), "{kind}");
    }
    assert!(agents.contains("SEEN IN PART") && agents.contains("80.0% believed, 20.0% scored"));
}

#[test]
fn strangers_text_is_escaped_in_every_section() {
    let mut summary = fixture::summary(8);
    for finding in &mut summary.findings {
        for text in [&mut finding.id, &mut finding.claim, &mut finding.essay] {
            text.push_str(ATTACK);
        }
        finding.shift = Some(ATTACK.into());
    }
    for row in &mut summary.rows {
        row.shift.push_str(ATTACK);
        row.opponent.push_str(ATTACK);
        row.experiment.push_str(if row.experiment == "scratch" { ATTACK } else { "" });
    }
    for card in &mut summary.shifts {
        card.name.push_str(ATTACK);
        card.dose = card.dose.take().map(|(dial, level)| (dial + ATTACK, level));
    }
    for probe in &mut summary.probes {
        probe.probe.push_str(ATTACK);
        probe.shift.push_str(ATTACK);
        probe.arm.push_str(ATTACK);
    }
    for monitored in &mut summary.monitored {
        monitored.shift.push_str(ATTACK);
        monitored.others[0].name.push_str(ATTACK);
    }
    for deployment in &mut summary.deployments {
        deployment.shift.push_str(ATTACK);
        deployment.policy.push_str(ATTACK);
    }
    for verdict in &mut summary.shift_verdicts {
        verdict.shift.push_str(ATTACK);
    }
    for row in &mut summary.rocket.as_mut().expect("a rocket").rows {
        row.shift.push_str(ATTACK);
        row.arm.push_str(ATTACK);
    }
    summary.hypotheses = ATTACK.into();
    let page = html(&summary);
    assert!(!page.contains("<img"));
    assert_eq!(page.matches("</script").count(), 2);
}

#[test]
fn odd_numbers_are_left_out_without_panic() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 0.0, 7.0, 1e300, f64::MIN_POSITIVE] {
        let mut summary = fixture::summary(9);
        for row in &mut summary.rows {
            (row.material, row.score_low) = (number, number);
        }
        for finding in &mut summary.findings {
            (finding.effect, finding.visible, finding.adjusted) = (Some(number), Some(number), number);
        }
        for card in &mut summary.shifts {
            card.surprise = Some(number);
            card.dose = Some(("dial".into(), number));
        }
        summary.shifts[1].after_ply = Some(u32::MAX);
        for verdict in &mut summary.shift_verdicts {
            (verdict.loss, verdict.p) = (number, number);
        }
        for probe in &mut summary.probes {
            (probe.score, probe.low, probe.estimate) = (number, number, Some(number));
        }
        for m in &mut summary.monitored {
            (m.frozen, m.error, m.seeds, m.games) = (number, number, 0, 0);
            m.shares.push(SharedMonitor { share: number, alarms: 9, median_delay: None, score: number });
        }
        for (i, d) in summary.deployments.iter_mut().enumerate() {
            (d.mean, d.trials, d.recovered) = (number, if i % 2 == 0 { number } else { 5.0 }, Some(number));
        }
        for row in &mut summary.rocket.as_mut().expect("a rocket").rows {
            (row.cost, row.analytic, row.regret) = (number, Some(number), vec![number]);
        }
        let page = shown(&summary);
        assert!(page.contains("id=\"methods\"") && !page.contains("NaN") && !page.contains("inf%"), "{number}");
        assert!(!page.contains("\"inf"), "{number}: a coordinate");
    }
}

#[test]
fn empty_lists_are_left_out_without_panic() {
    let mut summary = fixture::summary(10);
    for m in &mut summary.monitored {
        *m = Monitored { others: vec![], shares: vec![], delays: vec![], ..m.clone() };
    }
    for d in &mut summary.deployments {
        *d = Deployment { lost: vec![], ..d.clone() };
    }
    for p in &mut summary.probes {
        *p = ProbeCell { truth: None, estimate: None, playouts: 0, ..p.clone() };
    }
    summary.rocket.as_mut().expect("a rocket").rows.iter_mut().for_each(|r| r.regret.clear());
    assert!(shown(&summary).contains("id=\"methods\""));
    summary.rocket.as_mut().expect("a rocket").rows.clear();
    summary.shifts.clear();
    assert!(shown(&summary).contains("id=\"methods\""));
}
