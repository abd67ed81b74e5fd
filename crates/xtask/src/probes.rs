//! What the demo's self-test tries on a phone: one tiny module for each thing a WebAssembly engine
//! may or may not accept, and the vectors of `tests/vectors`.
//!
//! A phone compiles modules only from files of the package, so each is a file of its own. What they
//! are called with, and what has to come out, is in `miniprogram-demo/self-test/wasm.js`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// A module by the name of its file, as text.
///
/// `run` takes nothing and gives 42, unless the module needs more from its host.
const PROBES: &[(&str, &str)] = &[
    ("plain", r#"(module (func (export "run") (result i32) i32.const 42))"#),
    (
        "call",
        r#"(module
             (import "env" "give" (func $give (result i32)))
             (func (export "run") (result i32) call $give))"#,
    ),
    (
        "table",
        r#"(module
             (type $give (func (result i32)))
             (table (export "table") 2 funcref) (elem (i32.const 1) $give)
             (func $give (result i32) i32.const 42)
             (func (export "run") (result i32) (call_indirect (type $give) (i32.const 1))))"#,
    ),
    (
        "trap",
        r#"(module
             (func (export "stop") unreachable)
             (func (export "run") (result i32) i32.const 42))"#,
    ),
    (
        "names",
        r#"(module
             (func $give (result i32) i32.const 42)
             (export "run" (func $give)) (export "a" (func $give)) (export "b" (func $give))
             (export "c" (func $give)) (export "d" (func $give)) (export "e" (func $give)))"#,
    ),
    (
        "grow",
        r#"(module
             (memory (export "memory") 1)
             (func (export "grow") (result i32) (memory.grow (i32.const 1)))
             (func (export "run") (result i32)
               (i32.store8 (i32.const 65536) (i32.const 42)) (i32.load8_u (i32.const 65536))))"#,
    ),
    (
        "memory-import",
        r#"(module
             (import "env" "memory" (memory 1))
             (func (export "run") (result i32) (i32.load8_u (i32.const 9))))"#,
    ),
    (
        "global-import",
        r#"(module
             (import "env" "global" (global $g (mut i32)))
             (func (export "run") (result i32)
               (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))"#,
    ),
    (
        "global-export",
        r#"(module
             (global $g (export "global") (mut i32) (i32.const 41))
             (func (export "run") (result i32)
               (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))"#,
    ),
    (
        "sign-extension",
        r#"(module (func (export "run") (result i32)
             (i32.sub (i32.const 0) (i32.extend8_s (i32.const 0xd6)))))"#,
    ),
    (
        "saturating",
        r#"(module (func (export "run") (result i32)
             (i32.sub (i32.trunc_sat_f64_s (f64.const 1e300)) (i32.const 2147483605))))"#,
    ),
    (
        "multi-value",
        r#"(module
             (func $two (result i32 i32) i32.const 40 i32.const 2)
             (func (export "run") (result i32) call $two i32.add))"#,
    ),
    (
        "bulk-memory",
        r#"(module
             (memory 1)
             (func (export "run") (result i32)
               (memory.fill (i32.const 0) (i32.const 21) (i32.const 2))
               (memory.copy (i32.const 8) (i32.const 0) (i32.const 2))
               (i32.add (i32.load8_u (i32.const 8)) (i32.load8_u (i32.const 9)))))"#,
    ),
    (
        "passive-data",
        r#"(module
             (memory 1) (data $d "*")
             (func (export "run") (result i32)
               (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
               (i32.load8_u (i32.const 0))))"#,
    ),
    (
        "two-tables",
        r#"(module
             (type $give (func (result i32)))
             (table 1 funcref) (table $second 1 funcref) (elem (table $second) (i32.const 0) func $give)
             (func $give (result i32) i32.const 42)
             (func (export "run") (result i32)
               (call_indirect $second (type $give) (i32.const 0))))"#,
    ),
    (
        "externref-table",
        r#"(module
             (table $t 1 externref)
             (func (export "run") (result i32) (i32.add (table.size $t) (i32.const 41))))"#,
    ),
    (
        "externref",
        r#"(module (func (export "same") (param externref) (result externref) local.get 0))"#,
    ),
    (
        "simd",
        r#"(module (func (export "run") (result i32)
             (i32x4.extract_lane 3 (i32x4.add
               (i32x4.splat (i32.const 40)) (i32x4.splat (i32.const 2))))))"#,
    ),
    (
        "i64",
        r#"(module (func (export "next") (param i64) (result i64)
             (i64.add (local.get 0) (i64.const 1))))"#,
    ),
    (
        "tail-call",
        r#"(module
             (func $down (param i32) (result i32)
               (if (i32.eqz (local.get 0)) (then (return (i32.const 42))))
               (return_call $down (i32.sub (local.get 0) (i32.const 1))))
             (func (export "run") (result i32) (call $down (i32.const 1000000))))"#,
    ),
    (
        "exceptions",
        r#"(module
             (tag $t (param i32))
             (func (export "run") (result i32)
               (block $caught (result i32)
                 (try_table (catch $t $caught) (throw $t (i32.const 42)))
                 (i32.const 0))))"#,
    ),
    (
        "old-exceptions",
        r#"(module
             (tag $t (param i32))
             (func (export "run") (result i32)
               try (result i32) i32.const 42 throw $t catch $t end))"#,
    ),
    (
        "threads",
        r#"(module
             (memory 1 1 shared)
             (func (export "run") (result i32)
               (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 42)))
               (i32.atomic.load (i32.const 0))))"#,
    ),
    (
        "memory64",
        r#"(module
             (memory i64 1)
             (func (export "run") (result i32)
               (i32.store8 (i64.const 8) (i32.const 42)) (i32.load8_u (i64.const 8))))"#,
    ),
    ("memory-16", SIXTEEN_MIB),
    ("memory-64", SIXTY_FOUR_MIB),
    ("memory-256", QUARTER_GIB),
    (
        "loop",
        r#"(module (func (export "steps") (param $left i32) (result i32) (local $x i32)
             (loop $again
               (local.set $x (i32.add
                 (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
               (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
             (local.get $x)))"#,
    ),
];

/// A module whose memory is that large at the start, and is used at its end.
macro_rules! large_memory {
    ($pages:literal) => {
        concat!(
            "(module (memory ",
            $pages,
            ") (func (export \"run\") (result i32) (local $end i32) ",
            "(local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))) ",
            "(i32.store8 (local.get $end) (i32.const 42)) (i32.load8_u (local.get $end))))"
        )
    };
}

const SIXTEEN_MIB: &str = large_memory!("256");
const SIXTY_FOUR_MIB: &str = large_memory!("1024");
const QUARTER_GIB: &str = large_memory!("4096");

/// The files of `tests/vectors` that the self-test reads.
const VECTORS: &[&str] = &["cdn", "digest", "post_policy", "signature", "text"];

/// Writes the modules into `probes` in a folder that holds no such thing, and `vectors.js` beside it;
/// `compress` packs the module that is also shipped as `.wasm.br`.
pub(crate) fn write(
    workspace: &Workspace,
    folder: &Path,
    compress: fn(&[u8]) -> Result<Vec<u8>>,
) -> Result<()> {
    let probes = folder.join("probes");
    fs::create_dir(&probes)?;
    for (name, text) in PROBES {
        let module = wat::parse_str(text).with_context(|| format!("The probe {name} is wrong."))?;
        fs::write(probes.join(format!("{name}.wasm")), &module)?;
        if *name == "plain" {
            fs::write(probes.join(format!("{name}.wasm.br")), compress(&module)?)?;
        }
    }
    let mut script = "/** The files of tests/vectors, by name. */\nmodule.exports = {\n".to_owned();
    for name in VECTORS {
        let file = workspace.tests().join("vectors").join(name).with_extension("json");
        let vectors = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read.", file.display()))?;
        script += &format!("{name}: {},\n", vectors.trim_end());
    }
    fs::write(folder.join("vectors.js"), script + "};\n").context("vectors.js cannot be written.")
}

#[cfg(test)]
mod tests {
    use super::PROBES;
    use wasmparser::{Validator, WasmFeatures};

    /// The feature a probe is about; plain WebAssembly without one.
    fn feature(name: &str) -> Option<WasmFeatures> {
        Some(match name {
            "global-import" | "global-export" => WasmFeatures::MUTABLE_GLOBAL,
            "sign-extension" => WasmFeatures::SIGN_EXTENSION,
            "saturating" => WasmFeatures::SATURATING_FLOAT_TO_INT,
            "multi-value" => WasmFeatures::MULTI_VALUE,
            "bulk-memory" | "passive-data" => WasmFeatures::BULK_MEMORY,
            "two-tables" | "externref-table" | "externref" => WasmFeatures::REFERENCE_TYPES,
            "simd" => WasmFeatures::SIMD,
            "tail-call" => WasmFeatures::TAIL_CALL,
            "exceptions" => WasmFeatures::EXCEPTIONS,
            "old-exceptions" => WasmFeatures::LEGACY_EXCEPTIONS,
            "threads" => WasmFeatures::THREADS,
            "memory64" => WasmFeatures::MEMORY64,
            _ => return None,
        })
    }

    #[test]
    fn each_probe_needs_what_it_is_about() {
        let everything = WasmFeatures::all();
        for (name, text) in PROBES {
            let module = wat::parse_str(text).unwrap();
            let valid = |features| Validator::new_with_features(features).validate_all(&module);
            match feature(name) {
                None => assert!(valid(WasmFeatures::MVP).is_ok(), "{name}"),
                Some(feature) => {
                    valid(everything).unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert!(valid(everything.difference(feature)).is_err(), "{name}");
                }
            }
        }
    }
}
