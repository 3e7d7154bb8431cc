//! Texts put together without the standard library's formatting, which would add kilobytes to the WebAssembly module.

/// The parts, one after another.
pub(crate) fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The number in decimal digits.
pub(crate) fn decimal(mut number: u64) -> String {
    // As many as the largest number has.
    let mut digits = [b'0'; 20];
    let mut start = digits.len() - 1;
    while number > 9 {
        digits[start] += (number % 10) as u8;
        number /= 10;
        start -= 1;
    }
    digits[start] += number as u8;
    digits[start..].iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_standard_library_writes_them() {
        for number in [0, 7, 10, 402, 65_535, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn parts_are_joined_in_order() {
        assert_eq!(joined(&["/im-sessions", "/", "", "1"]), "/im-sessions/1");
    }
}
