//! On which line of a JSON document something stands.
//!
//! The parser forgets lines once a document is valid, so they are found again
//! when an error needs one. The scan trusts that the text *is* valid.

/// Line of a member of the outermost object, 1 if there is none.
pub(super) fn of_member(text: &str, name: &str) -> usize {
    let found = Scan::new(text).find(|event| event.depth == 1 && event.key == Some(name));
    found.map_or(1, |event| event.line)
}

/// Line on which the site with this index begins.
pub(super) fn of_site(text: &str, index: usize) -> usize {
    let mut scan = Scan::new(text);
    let list = scan.find(|event| event.depth == 1 && event.key == Some("sites"));
    let sites = scan.filter(|event| event.key.is_none() && event.depth == 3);
    // an opening bracket at depth 2 is the list, those at 3 its sites
    let site = list.and_then(|_| sites.into_iter().nth(index));
    site.map_or(1, |event| event.line)
}

/// An opening bracket (`key` is none) or a string that is followed by a colon.
struct Event<'a> {
    key: Option<&'a str>,
    /// How many brackets are open, with the one that is opened here.
    depth: usize,
    line: usize,
}

struct Scan<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    line: usize,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            depth: 0,
            line: 1,
        }
    }

    /// The text between the quotes, of which the first has been passed.
    fn string(&mut self) -> &'a str {
        let start = self.position;
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.position) {
            self.position += 1;
            match byte {
                b'\\' => self.position += 1,
                b'"' => return &self.text[start..self.position - 1],
                _ => {}
            }
        }
        ""
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let byte = *self.text.as_bytes().get(self.position)?;
            self.position += 1;
            let key = match byte {
                b'\n' => {
                    self.line += 1;
                    continue;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    None
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    continue;
                }
                b'"' => {
                    let string = self.string();
                    let rest = self.text.get(self.position..).unwrap_or_default();
                    if !rest.trim_start().starts_with(':') {
                        continue;
                    }
                    Some(string)
                }
                _ => continue,
            };
            return Some(Event {
                key,
                depth: self.depth,
                line: self.line,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_by_hand() {
        let text = "{\"note\": \"a \\\"sites\\\": {\",\n\"lattice\": {\"sites\": []},\n\
                    \"sites\": [\n{\"abc\": [0,0,0]},\n\n{\"abc\":\n[1,1,1]}]}";
        assert_eq!(of_member(text, "lattice"), 2);
        assert_eq!(of_member(text, "sites"), 3);
        assert_eq!(of_member(text, "absent"), 1);
        assert_eq!(of_site(text, 0), 4);
        assert_eq!(of_site(text, 1), 6);
    }
}
