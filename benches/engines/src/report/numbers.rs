//! Numbers as people read them.

use std::fs;

/// In microseconds.
pub fn microseconds(seconds: f64) -> String {
    digits(seconds * 1e6)
}

/// With the unit that suits it.
pub fn duration(seconds: f64) -> String {
    let (unit, scale) = match seconds {
        seconds if seconds < 1e-6 => ("ns", 1e9),
        seconds if seconds < 1e-3 => ("µs", 1e6),
        seconds if seconds < 1.0 => ("ms", 1e3),
        _ => ("s", 1.0),
    };
    format!("{} {unit}", digits(seconds * scale))
}

/// Three digits, more before the point and at most four behind it.
pub fn digits(value: f64) -> String {
    let digits = (2 - value.log10().floor() as i32).clamp(0, 4) as usize;
    format!("{value:.digits$}")
}

/// Of a share of one.
pub fn percent(share: f64) -> String {
    let digits = usize::from(share < 0.1);
    format!("{:.digits$} %", 100.0 * share)
}

/// `1,234,567`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        assert_eq!([0.00034, 0.0761, 12.71, 727.4, 18317.2].map(digits), ["0.0003", "0.0761", "12.7", "727", "18317"]);
        assert_eq!([7.61e-8, 1.27e-5, 0.0183, 2.5].map(duration), ["76.1 ns", "12.7 µs", "18.3 ms", "2.50 s"]);
        assert_eq!([0.004, 0.56].map(percent), ["0.4 %", "56 %"]);
        assert_eq!([12, 1234, 1_234_567].map(grouped), ["12", "1,234", "1,234,567"]);
    }
}
