//! The program as a shell sees it.

use std::process::{Command, Output};

fn playground(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_playground")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn headless_prints_one_line_and_writes_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gauss.svg");
    let picture = path.to_str().unwrap();
    let output = playground(&["--headless", "--data", "gauss", "--epochs", "20", "--picture", picture]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    let keys: Vec<_> = line.split_whitespace().map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(keys, ["data", "train_loss", "test_loss", "accuracy", "epochs"]);
    assert!(
        line.starts_with("data=gauss ") && line.ends_with(" epochs=20\n") && line.contains("accuracy=1.0000"),
        "{line}"
    );
    let svg = std::fs::read_to_string(&path).unwrap();
    assert_eq!(roxmltree::Document::parse(&svg).unwrap().root_element().tag_name().name(), "svg");
}

#[test]
fn what_goes_wrong_is_said_and_is_no_success() {
    for (arguments, code, part) in [
        (&["--data", "moons"][..], 2, "invalid value 'moons' for '--data"),
        (&["--noise", "3"], 2, "expected one of 0, 5, 10"),
        (&["--picture", "a.svg"], 2, "--headless"),
        (&[], 1, "expected a terminal"),
        (&["--headless", "--epochs", "1", "--picture", "/nowhere/a.svg"], 1, "/nowhere/a.svg could not be written"),
        (
            &["--headless", "--data", "reg-gauss", "--activation", "linear", "--learning-rate", "10"],
            1,
            "the training has diverged",
        ),
    ] {
        let output = playground(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(part) && output.stdout.is_empty(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}
