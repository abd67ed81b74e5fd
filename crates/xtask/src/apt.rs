//! Debian packages: what is missing, and how it gets there.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Whether every package is installed. False where there is no dpkg.
pub(crate) fn has(packages: &[&str]) -> bool {
    missing(packages).is_some_and(|missing| missing.is_empty())
}

/// Installs what is missing, or fails with the command that a person has to run.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    let (Some(apt), Some(missing)) = (process::find("apt-get"), missing(packages)) else {
        bail!("Install the equivalents of these Debian packages: {wanted}.");
    };
    if missing.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        bail!("Run once: sudo apt-get update && sudo apt-get install -y {}", missing.join(" "));
    }
    process::quiet("setup", "apt-get update", &mut quietly(&apt, &["update"]))?;
    let arguments = [&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    let what = format!("apt-get install {}", missing.join(" "));
    process::quiet("setup", &what, &mut quietly(&apt, &arguments))?;
    Ok(())
}

/// The packages that dpkg does not report as installed, or `None` without dpkg.
fn missing<'a>(packages: &[&'a str]) -> Option<Vec<&'a str>> {
    let dpkg = process::find("dpkg-query")?;
    let installed = |package: &str| {
        process::answer(Command::new(&dpkg).args(["-W", "-f", "${db:Status-Status}", package]))
            .is_some_and(|status| status == "installed")
    };
    Some(packages.iter().copied().filter(|package| !installed(package)).collect())
}

fn quietly(apt: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(apt);
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
