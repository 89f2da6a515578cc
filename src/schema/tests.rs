//! That the schemas say what they must.
