//! `interregnum completions` and `interregnum man`: what a package installs beside the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::Cli;

/// A completion script for a shell, on standard output.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum completions bash > ~/.local/share/bash-completion/completions/interregnum
  interregnum completions zsh > ~/.local/share/zsh/site-functions/_interregnum       # with that folder in zsh's fpath
  interregnum completions fish > ~/.config/fish/completions/interregnum.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Manual pages: one for the program, and one for each command.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  interregnum man --out ~/.local/share/man/man1 && man interregnum-match")]
pub(crate) struct ManArgs {
    /// Folder to write them to; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    // The script is generated in memory first, since the generator panics if its pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "interregnum", &mut script);
    // Written without escaping, since the scripts of some shells need tabs.
    Ok(std::io::stdout().write_all(&script)?)
}

pub(crate) fn man(args: &ManArgs) -> anyhow::Result<()> {
    let failed = || format!("{}: cannot write manual pages", args.out.display());
    files::create_folder(&args.out).with_context(failed)?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write_pages(&command, &args.out).with_context(failed)
}

/// Writes the page of a command and those of its subcommands.
fn write_pages(command: &Command, folder: &Path) -> std::io::Result<()> {
    let man = Man::new(command.clone());
    files::write(&folder.join(man.get_filename()), &page(command, &man)?)?;
    command.get_subcommands().try_for_each(|sub| write_pages(sub, folder))
}

fn page(command: &Command, man: &Man) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    // The examples are tables and commands, so their line ends are kept.
    if let Some(text) = command.get_after_help() {
        let mut notes = Roff::new();
        notes.control("SH", ["NOTES"]).control("nf", []);
        for line in text.to_string().lines() {
            notes.text([roman(line)]);
        }
        notes.control("fi", []).to_writer(&mut page)?;
    }
    Ok(page)
}
