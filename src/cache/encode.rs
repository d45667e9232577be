use super::Digest;
use serde_json::{Map, Value};

/// Feeds values to the hash, each with its kind and its length in front, so that different values
/// never make the same bytes. The order of an object's names does not count, types do.
pub(super) struct Encoder(blake3::Hasher);

impl Encoder {
    /// One whose digests never meet those of another format.
    pub fn new(format: &str) -> Self {
        let mut encoder = Self(blake3::Hasher::new());
        encoder.text(format);
        encoder
    }

    pub fn count(&mut self, kind: u8, count: usize) {
        self.0.update(&[kind]);
        self.0.update(&(count as u64).to_le_bytes());
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.count(kind, bytes.len());
        self.0.update(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.bytes(b's', text.as_bytes());
    }

    pub fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(b'b', bytes),
            None => self.count(b'-', 0),
        }
    }

    pub fn object(&mut self, object: &Map<String, Value>) {
        let mut names: Vec<&String> = object.keys().collect();
        names.sort_unstable();
        self.count(b'o', names.len());
        for name in names {
            self.text(name);
            self.value(&object[name]);
        }
    }

    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.count(b'n', 0),
            Value::Bool(flag) => self.count(b't', usize::from(*flag)),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(integer), ..) => self.bytes(b'i', &integer.to_le_bytes()),
                (_, Some(integer), _) => self.bytes(b'u', &integer.to_le_bytes()),
                (.., float) => self.bytes(b'f', &float.unwrap_or(f64::NAN).to_bits().to_le_bytes()),
            },
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.count(b'a', items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Object(object) => self.object(object),
        }
    }

    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}
