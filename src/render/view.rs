//! Building the values that templates see; `docs/theme-api.md` describes them.

use tera::value::Key;
use tera::{Map, Value};

/// A mapping with its keys in the order in which they are written.
macro_rules! view {
    ($( $key:ident : $value:expr ),* $(,)?) => {{
        let mut view = $crate::render::view::View::default();
        $( view.set(stringify!($key), $value); )*
        view
    }};
}
pub(super) use view;

/// A mapping that grows.
#[derive(Clone, Default)]
pub(super) struct View(Map);

impl View {
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        self.0.insert(Key::Str(key), value.into());
    }

    /// Adds to a view that was made before, as a record in a list becomes the subject of a page.
    pub(super) fn of(value: &Value) -> View {
        View(value.as_map().cloned().unwrap_or_default())
    }

    pub(super) fn value(self) -> Value {
        Value::from(self.0)
    }
}

impl From<View> for Value {
    fn from(view: View) -> Value {
        view.value()
    }
}

/// Finished HTML, which Tera does not escape.
pub(super) fn html(text: &str) -> Value {
    Value::safe_string(text)
}

/// A text that may be missing, as the empty string.
pub(super) fn text<T: ToString>(value: Option<&T>) -> Value {
    Value::from(value.map(ToString::to_string).unwrap_or_default())
}
