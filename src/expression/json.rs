//! Values as JSON text: pretty for toJSON, compact inside a template.

use super::{
    budget::LONGEST_TEXT,
    error::Reason,
    value::{number_text, text_of},
};
use serde::Serialize;
use serde_json::{
    ser::{CompactFormatter, Formatter, PrettyFormatter},
    Number, Serializer, Value,
};
use std::io::{self, Write};

/// toJSON: two blanks a level, `[]` and `{}` for what is empty.
pub(super) fn pretty(value: &Value) -> Result<String, Reason> {
    write(value, PrettyFormatter::new())
}

/// The text that a value becomes in the middle of another text.
pub(super) fn inline(value: &Value) -> Result<String, Reason> {
    match value {
        Value::Array(_) | Value::Object(_) => write(value, CompactFormatter),
        plain => Ok(text_of(plain).into_owned()),
    }
}

fn write(value: &Value, formatter: impl Formatter) -> Result<String, Reason> {
    let mut bytes = Bounded(Vec::new());
    let mut serializer = Serializer::with_formatter(&mut bytes, WholeNumbers(formatter));
    // Writing a value can fail for one reason only: that there is no more room.
    value.serialize(&mut serializer).map_err(|_| Reason::TooLarge)?;
    String::from_utf8(bytes.0).map_err(|_| Reason::TooLarge)
}

/// Refuses to grow past the longest text.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_TEXT {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes 7.0 as `7`, as every other text has it; the rest is the formatter's own.
struct WholeNumbers<F>(F);

impl<F: Formatter> Formatter for WholeNumbers<F> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let text = Number::from_f64(value).map_or_else(|| "null".into(), |number| number_text(&number));
        writer.write_all(text.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
