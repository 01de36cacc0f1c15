//! Numbers as people read them.

use std::fs;

/// Seconds with the unit that suits them.
pub fn duration(seconds: f64) -> String {
    let (unit, scale) = match seconds.abs() {
        seconds if seconds < 1e-6 => ("ns", 1e9),
        seconds if seconds < 1e-3 => ("µs", 1e6),
        seconds if seconds < 1.0 => ("ms", 1e3),
        _ => ("s", 1.0),
    };
    let value = seconds * scale;
    let digits = if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 2) as usize };
    format!("{value:.digits$} {unit}")
}

/// A share of one, with its sign.
pub fn change(share: f64) -> String {
    let digits = usize::from(share.abs() < 0.1);
    format!("{:+.digits$} %", 100.0 * share).replace('-', "−")
}

/// Seconds with their sign.
pub fn difference(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "−" } else { "+" };
    format!("{sign}{}", duration(seconds.abs()))
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

/// How many programs wanted a processor in the last quarter of an hour, on average, if the system tells.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        assert_eq!([7.61e-8, 1.274e-5, 0.0183, 2.5].map(duration), ["76.1 ns", "12.7 µs", "18.3 ms", "2.50 s"]);
        assert_eq!([0.004, -0.56, 3.2].map(change), ["+0.4 %", "−56 %", "+320 %"]);
        assert_eq!([1e-9, -1e-6].map(difference), ["+1.00 ns", "−1.00 µs"]);
    }
}
