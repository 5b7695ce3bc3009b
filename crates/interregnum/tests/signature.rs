//! `interregnum bench` prints the committed signatures whatever the number of threads, with and without SIMD, in whatever profile the
//! tests are built. After an intended change of behaviour: `INTERREGNUM_BLESS=1 cargo test --test signature`.

mod common;

use common::{root, stdout};
use evaluator::Kernel;

#[test]
fn signature_is_the_same_everywhere() {
    let signature = stdout(&["bench", "--signature"]);
    for args in [["--threads", "1"], ["--threads", "2"], ["--threads", "8"]] {
        assert_eq!(stdout(&["bench", "--signature", args[0], args[1]]), signature, "{args:?}");
    }
    for (name, kernel) in [("scalar", Kernel::Scalar), ("avx2", Kernel::Avx2), ("avx512", Kernel::Avx512)] {
        if kernel.is_available() {
            assert_eq!(stdout(&["bench", "--signature", "--kernel", name]), signature, "{name}");
        }
    }
    let file = root().join("tests/bench.signature");
    if std::env::var_os("INTERREGNUM_BLESS").is_some() {
        std::fs::write(&file, &signature).unwrap();
    }
    assert_eq!(signature, std::fs::read_to_string(file).unwrap(), "behaviour has changed");
}
