//! Who plays.

use maud::{Markup, html};

use crate::view::View;

/// All agents, in words; none if there are none.
pub fn agents(view: &View) -> Option<Markup> {
    let agents = &view.summary.agents;
    (!agents.is_empty()).then(|| {
        html! {
            p { "An agent is where its prior and its value come from, which search it uses under which rules, and what it does about \
                evidence. Every agent of a match has the number of playouts per move that the tables say." }
            div.scroll tabindex="0" role="region" aria-label="Agents" {
                table.words {
                    thead { tr { th scope="col" { "agent" } th scope="col" { "what it is" } th scope="col" { "its curve is over" } } }
                    tbody { @for (i, agent) in agents.iter().enumerate() { tr id=(format!("agent-{i}")) {
                        th scope="row" { (agent.name) }
                        td.prose { @if agent.about.is_empty() { span.soft { "nothing is said of it" } } @else { (agent.about) } }
                        td { (agent.points.as_deref().unwrap_or("–")) }
                    } } }
                }
            }
        }
    })
}
