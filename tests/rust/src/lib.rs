//! Dialogues, simulations and vectors for `cos-core`; the tests are in `tests/`.
