//! Numbers as people read them.

use std::fs;

/// Three digits of a value in the unit that suits it, each a thousand, or whatever `step` says, times the one before.
fn scaled(mut value: f64, step: f64, units: &[&str]) -> String {
    let mut units = units.iter();
    let mut unit = units.next().unwrap_or(&"");
    for next in units {
        if value < step {
            break;
        }
        (value, unit) = (value / step, next);
    }
    let digits = if value < 1e-9 { 0 } else { (2 - value.log10().floor() as i32).clamp(0, 3) as usize };
    let number = format!("{value:.digits$}");
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    format!("{number} {unit}")
}

/// Seconds with the unit that suits them.
pub fn duration(seconds: f64) -> String {
    scaled(seconds * 1e12, 1e3, &["ps", "ns", "µs", "ms", "s"])
}

/// Bytes with the unit that suits them.
pub fn bytes(bytes: f64) -> String {
    scaled(bytes, 1e3, &["B", "kB", "MB", "GB"])
}

/// What the system calls the processor.
pub fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim_end() == name))?;
        Some(line.split_once(':')?.1.trim())
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => "unknown".to_owned(),
    }
}

/// How many programs wanted a processor in the last five minutes, on average, if the system tells.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        assert_eq!([8.1e-12, 1e-9, 1.274e-5, 2.5].map(duration), ["8.1 ps", "1 ns", "12.7 µs", "2.5 s"]);
        assert_eq!([1024.0, 80e6, 100.0].map(bytes), ["1.02 kB", "80 MB", "100 B"]);
    }
}
