//! Puts the folder of libtorch into the library path of this crate's tests, so that they start without `LD_LIBRARY_PATH`.

fn main() {
    println!("cargo::rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    if std::env::var_os("CARGO_FEATURE_TORCH").is_some()
        && let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB")
    {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
