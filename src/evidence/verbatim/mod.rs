//! Whether words stand in a document: exactly, after a declared normalisation, or not.
