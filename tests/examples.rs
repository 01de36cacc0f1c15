//! The examples run, in their short mode, and find what they are there to show: each ends with an error if its key figure is not
//! reached.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the examples, which are built with the profile of this test.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = env::current_exe().expect("a test knows where it is");
        let profile = test.parent().and_then(Path::parent).expect("a test lies in the `deps` of its profile");
        let name = match profile.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        // Nothing to do for whoever runs all tests: their examples are built before.
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--examples", "--quiet", "--profile", name]).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().expect("cargo can be run").success(), "the examples cannot be built");
        profile.join("examples")
    })
}

/// What an example prints in its short mode, if it finds its key figure; pictures go to a folder of their own.
fn output(name: &str) -> String {
    let pictures = tempfile::tempdir().expect("a folder for pictures");
    let output = Command::new(folder().join(name)).arg("--short").current_dir(pictures.path()).output();
    let output = output.expect("an example can be run");
    let [printed, failed] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "`{name}` failed: {failed}\n{printed}");
    for entry in pictures.path().join("target/pictures").read_dir().into_iter().flatten() {
        let path = entry.expect("a picture").path();
        let picture = std::fs::read_to_string(&path).expect("a picture is text");
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{}", path.display());
    }
    printed
}

/// Each has a line that says what it found.
macro_rules! examples {
    ($($name:ident: $says:literal;)*) => {
        $(#[test]
        fn $name() {
            let printed = output(stringify!($name));
            assert!(printed.contains($says), "`{}` does not say {:?}:\n{printed}", stringify!($name), $says);
        })*
    };
}

examples! {
    activations: "derivatives and difference quotients differ by at most";
    approximation: "from 64 to 128 units the error falls by a factor of 4.0";
    backprop_by_hand: "they differ by at most";
    classics: "LeNet5";
    cross_validation: "as folds share what they are trained on";
    digits: "test accuracy";
    fashion: "test accuracy";
    gates: "14 of the 16 gates of two inputs are single units";
    initialisation: "relu by He: the spread of the last layer is";
    landscape: "BFGS arrives with";
    lenet: "test accuracy";
    overfitting: "the validation error is smallest after";
    own_layer: "blurred";
    perceptron: "both layers answer [0.0, 1.0, 1.0, 0.0]";
    residual: "without them the first gradient of the first layer is";
    segment: "the network: IoU";
    xor: "test accuracy";
}

#[test]
fn every_picture_of_the_course_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let course = std::fs::read_to_string(folder.join("README.md")).expect("the course");
    let links = course.split("](").skip(1).filter_map(|link| link.split(')').next());
    let mut count = 0;
    for picture in links.filter(|link| link.starts_with("gallery/")) {
        let text = std::fs::read_to_string(folder.join(picture)).unwrap_or_else(|error| panic!("{picture}: {error}"));
        assert!(text.starts_with("<svg"), "{picture}");
        count += 1;
    }
    assert!(count >= 10, "only {count} pictures");
}
