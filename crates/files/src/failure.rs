//! Errors of the system, told apart by whose fault they are.

use std::io::Error;

use rustix::io::Errno;

/// What the system says where a name was wrong: another one would do.
const WRONG_NAME: [Errno; 14] = [
    Errno::NOENT,
    Errno::NOTDIR,
    Errno::ISDIR,
    Errno::ACCESS,
    Errno::PERM,
    Errno::EXIST,
    Errno::LOOP,
    Errno::NAMETOOLONG,
    Errno::ROFS,
    Errno::NXIO,
    Errno::NODEV,
    Errno::NOTEMPTY,
    Errno::INVAL,
    Errno::ILSEQ,
];

/// Whether the machine was not up to what was asked, as a full disk is not, rather than what was asked being wrong, as the name of a file
/// that is not there. Errors that are not the system's are about what was asked.
#[must_use]
pub fn is_failure(error: &Error) -> bool {
    error.raw_os_error().is_some_and(|code| WRONG_NAME.iter().all(|wrong| wrong.raw_os_error() != code))
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn full_disks_are_failures_and_wrong_names_are_not() {
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG, Errno::IO, Errno::MFILE, Errno::NOMEM] {
            assert!(is_failure(&errno.into()), "{errno}");
        }
        for errno in [Errno::NOENT, Errno::LOOP, Errno::ACCESS, Errno::ISDIR] {
            assert!(!is_failure(&errno.into()), "{errno}");
        }
        assert!(!is_failure(&Error::new(ErrorKind::FileTooLarge, "of a reader with a limit")));
    }
}
