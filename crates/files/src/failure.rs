//! Errors of the system, told apart by whose fault they are.

use std::io::Error;

use rustix::io::Errno;

/// Error codes of the system for a path that cannot be used: with another path the call may succeed.
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

/// Whether an error is the fault of the machine, such as a full disk, and not of the user, such as the name of a file that is not
/// there. Errors that do not come from the system count as the user's.
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
