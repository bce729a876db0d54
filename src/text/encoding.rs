//! What a file is encoded in, and the way back to its bytes.

use std::borrow::Cow;

use bstr::ByteSlice as _;

use super::cookie;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A decoded file that can be encoded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    source: String,
    encoding: Encoding,
    bom: bool,
}

/// How the characters of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Ascii,
    /// Bytes are code points; `encoding_rs` would read it as windows-1252.
    Latin1,
    Other(&'static encoding_rs::Encoding),
}

/// Why bytes are no Python source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Python refuses null bytes anywhere.
    #[error("null byte at offset {0}")]
    NullByte(usize),
    /// The cookie names an encoding that is not known.
    #[error("unknown encoding `{0}`")]
    UnknownEncoding(String),
    /// The cookie contradicts the byte order mark.
    #[error("encoding `{0}` declared after a UTF-8 byte order mark")]
    BomConflict(String),
    /// The bytes are not of the encoding.
    #[error("not valid {0}")]
    Invalid(String),
}

/// A character that the encoding of the file does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{character}` cannot be written in {encoding}")]
pub struct EncodeError {
    /// The first such character.
    pub character: char,
    /// The name of the encoding.
    pub encoding: String,
}

/// Decodes a Python file as [`Text::decode_python`] does, for who only reads it: most need no copy.
///
/// # Errors
/// As for [`Text::decode_python`].
pub fn python_source(bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    Decoded::python(bytes).map(|it| it.source)
}

/// What a file says, and how it is written.
struct Decoded<'a> {
    source: Cow<'a, str>,
    encoding: Encoding,
    bom: bool,
}

impl<'a> Decoded<'a> {
    fn python(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if let Some(at) = bytes.find_byte(0) {
            return Err(DecodeError::NullByte(at));
        }
        let (bom, body) = split_bom(bytes);
        let encoding = match cookie::declared(body) {
            None => Encoding::Utf8,
            Some(name) => {
                let known = Encoding::named(name)
                    .ok_or_else(|| DecodeError::UnknownEncoding(name.to_owned()))?;
                // After a byte order mark CPython knows no alias: `utf8` is refused, too.
                if bom && !is_utf8_itself(name) {
                    return Err(DecodeError::BomConflict(name.to_owned()));
                }
                known
            }
        };
        let source = encoding
            .decode(body)
            .filter(|source| encoding.encode(source).is_ok_and(|back| *back == *body))
            .ok_or_else(|| DecodeError::Invalid(encoding.name().to_owned()))?;
        Ok(Self { source, encoding, bom })
    }
}

impl Text {
    /// Returns the text of an empty file.
    #[must_use]
    pub fn empty() -> Self {
        Self { source: String::new(), encoding: Encoding::Utf8, bom: false }
    }

    /// Decodes a Python file as CPython does: by its byte order mark, then by its PEP 263 cookie,
    /// else as UTF-8.
    ///
    /// # Errors
    /// When Python would refuse the bytes, or when they could not be given back as they are.
    pub fn decode_python(bytes: &[u8]) -> Result<Self, DecodeError> {
        let Decoded { source, encoding, bom } = Decoded::python(bytes)?;
        Ok(Self { source: source.into_owned(), encoding, bom })
    }

    /// Decodes any other text file; `None` where it is binary: null bytes, or not UTF-8.
    #[must_use]
    pub fn decode_utf8(bytes: &[u8]) -> Option<Self> {
        let (bom, body) = split_bom(bytes);
        let source = std::str::from_utf8(body).ok().filter(|it| !it.contains('\0'))?;
        Some(Self { source: source.to_owned(), encoding: Encoding::Utf8, bom })
    }

    /// Returns the text without the byte order mark; line ends as they stand in the file.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Encodes `source` the way this file is encoded. Its own source gives its own bytes.
    ///
    /// # Errors
    /// When the encoding lacks a character.
    pub fn encode(&self, source: &str) -> Result<Vec<u8>, EncodeError> {
        let body = self.encoding.encode(source)?;
        let mut bytes = Vec::with_capacity(body.len() + BOM.len());
        bytes.extend_from_slice(if self.bom { BOM } else { b"" });
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }
}

fn split_bom(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes.strip_prefix(BOM) {
        Some(body) => (true, body),
        None => (false, bytes),
    }
}

fn is_utf8_itself(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name == "utf-8" || name.starts_with("utf-8-")
}

fn is_c1(character: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&character)
}

impl Encoding {
    /// Finds an encoding by one of the names that Python's codecs go by.
    fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        match name.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => return Some(Self::Utf8),
            "ascii" | "us-ascii" | "646" => return Some(Self::Ascii),
            "latin" | "latin1" | "latin-1" | "l1" | "cp819" | "8859" | "iso8859" | "iso8859-1"
            | "iso-8859-1" | "iso-latin-1" => return Some(Self::Latin1),
            // CPython takes these with any tail, such as `utf-8-unix` of Emacs.
            _ if name.starts_with("utf-8-") => return Some(Self::Utf8),
            _ if name.starts_with("latin-1-") || name.starts_with("iso-8859-1-") => {
                return Some(Self::Latin1);
            }
            _ => {}
        }
        let label = match name.as_str() {
            "cp932" | "mskanji" | "ms-kanji" => "shift-jis",
            "cp936" | "ms936" => "gbk",
            "cp949" | "ms949" | "uhc" => "euc-kr",
            "cp950" | "ms950" => "big5",
            "mac-roman" | "macroman" => "macintosh",
            "mac-cyrillic" | "maccyrillic" => "x-mac-cyrillic",
            "eucjp" | "ujis" => "euc-jp",
            "euckr" => "euc-kr",
            other => other,
        };
        let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
        // UTF-16 has null bytes in it: Python cannot read such a file as source.
        let usable = found.output_encoding() == found && found != encoding_rs::UTF_8;
        usable.then_some(Self::Other(found))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Ascii => "ASCII",
            Self::Latin1 => "Latin-1",
            Self::Other(encoding) => encoding.name(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Ascii if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Ascii => None,
            Self::Latin1 => Some(encoding_rs::mem::decode_latin1(bytes)),
            Self::Other(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                // To browsers, bytes that a code page does not define are control characters.
                .filter(|it| encoding.name().starts_with("ISO-8859") || !it.contains(is_c1)),
        }
    }

    fn encode(self, source: &str) -> Result<Cow<'_, [u8]>, EncodeError> {
        let encoded = match self {
            Self::Utf8 => Some(Cow::Borrowed(source.as_bytes())),
            Self::Ascii => source.is_ascii().then_some(Cow::Borrowed(source.as_bytes())),
            Self::Latin1 => encoding_rs::mem::is_str_latin1(source)
                .then(|| encoding_rs::mem::encode_latin1_lossy(source)),
            Self::Other(encoding) => {
                let (bytes, _, lossy) = encoding.encode(source);
                (!lossy).then_some(bytes)
            }
        };
        encoded.ok_or_else(|| EncodeError {
            character: self.first_lacking(source),
            encoding: self.name().to_owned(),
        })
    }

    fn first_lacking(self, source: &str) -> char {
        let lacks = |character: &char| match self {
            Self::Utf8 => false,
            Self::Ascii => !character.is_ascii(),
            Self::Latin1 => u32::from(*character) > 0xff,
            Self::Other(encoding) => encoding.encode(character.encode_utf8(&mut [0; 4])).2,
        };
        source.chars().find(lacks).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        match (Text::decode_python(bytes), expected) {
            (Ok(text), Ok(source)) => {
                assert_eq!(text.source(), source);
                assert_eq!(text.encode(source).unwrap(), bytes, "the bytes come back");
            }
            (Err(error), Err(message)) => assert_eq!(error.to_string(), message),
            (found, _) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn utf8_is_the_default() {
        check(b"", Ok(""));
        check("é\r\n".as_bytes(), Ok("é\r\n"));
        check(b"\xef\xbb\xbfx = 1\n", Ok("x = 1\n"));
        check(b"\xef\xbb\xbf# coding: utf_8\n", Ok("# coding: utf_8\n"));
        check(b"# coding: utf-8-unix\n\xc3\xa9", Ok("# coding: utf-8-unix\né"));
    }

    #[test]
    fn cookies_are_obeyed() {
        check(b"# coding: latin-1\n\x80\xe9", Ok("# coding: latin-1\n\u{80}é"));
        check(b"# coding: cp1252\n\x80\xe9", Ok("# coding: cp1252\n€é"));
        check(b"# coding: iso-8859-15\n\xa4", Ok("# coding: iso-8859-15\n€"));
        check(b"# coding: koi8_r\n\xc1", Ok("# coding: koi8_r\nа"));
        check(b"# coding: cp932\n\x82\xa0", Ok("# coding: cp932\nあ"));
    }

    #[test]
    fn what_python_refuses_is_refused() {
        check(b"x = '\0'", Err("null byte at offset 5"));
        check(b"\xe9", Err("not valid UTF-8"));
        check(b"# coding: ascii\n\xe9", Err("not valid ASCII"));
        check(b"# coding: klingon\n", Err("unknown encoding `klingon`"));
        check(b"# coding: utf-16\n", Err("unknown encoding `utf-16`"));
        check(
            b"\xef\xbb\xbf# coding: utf8\n",
            Err("encoding `utf8` declared after a UTF-8 byte order mark"),
        );
        check(
            b"\xef\xbb\xbf# coding: latin-1\n",
            Err("encoding `latin-1` declared after a UTF-8 byte order mark"),
        );
    }

    #[test]
    fn a_character_that_the_encoding_lacks_is_an_error() {
        for (bytes, encoding) in [
            (&b"# coding: latin-1\n"[..], "Latin-1"),
            (b"# coding: ascii\n", "ASCII"),
            (b"# coding: cp1252\n", "windows-1252"),
        ] {
            let text = Text::decode_python(bytes).unwrap();
            let error = text.encode("x = 'ab☃'").unwrap_err();
            assert_eq!(error.to_string(), format!("`☃` cannot be written in {encoding}"));
        }
    }

    #[test]
    fn other_text_is_utf8_or_binary() {
        let kept = Text::decode_utf8(b"\xef\xbb\xbfa\r\n").unwrap();
        assert_eq!(kept.source(), "a\r\n");
        assert_eq!(kept.encode("b\r\n").unwrap(), b"\xef\xbb\xbfb\r\n");
        assert_eq!(Text::decode_utf8(b"a\0b"), None);
        assert_eq!(Text::decode_utf8(b"\xff"), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_decodes_gives_back_its_bytes(
            cookie in "(# coding: (utf-8|latin-1|cp1252|iso-8859-15|shift_jis|gbk|iso-2022-jp|euc-kr|koi8-r)\n)?",
            body in proptest::collection::vec(proptest::num::u8::ANY, 0..64),
        ) {
            let mut bytes = cookie.into_bytes();
            bytes.extend(body);
            if let Ok(text) = Text::decode_python(&bytes) {
                proptest::prop_assert_eq!(text.encode(text.source()).unwrap(), bytes.clone());
            }
            if let Some(text) = Text::decode_utf8(&bytes) {
                proptest::prop_assert_eq!(text.encode(text.source()).unwrap(), bytes);
            }
        }
    }
}
