//! What happens to the module between the compiler and the package: features that phones may lack
//! are lowered, and exports that nothing reads go.

use std::collections::BTreeSet;

use anyhow::Result;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};

/// Features that the compiler may have used, which `wasm-opt` has to know before it can lower them.
/// Named one by one: `--all-features` writes modules that engines refuse.
const ACCEPTED: [&str; 5] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
];

/// The passes that replace these features by plain instructions.
const PASSES: [&str; 5] = [
    "--signext-lowering",
    "--llvm-memory-copy-fill-lowering",
    "--llvm-nontrapping-fptoint-lowering",
    "--strip-debug",
    "--strip-producers",
];

/// The arguments of the `wasm-opt` run that lowers.
pub(crate) fn lowering_arguments() -> impl Iterator<Item = &'static str> {
    ACCEPTED.into_iter().chain(PASSES)
}

/// The arguments of the `wasm-opt` run that optimises what is plain already: packed, `-O3` is no
/// larger than `-Oz`. A run of its own, so that no optimisation can bring a lowered feature back.
pub(crate) const OPTIMISING: [&str; 5] =
    ["--mvp-features", "--enable-mutable-globals", "-O3", "--converge", "--strip-target-features"];

/// The module without its `target_features` section. wasm-bindgen reads there that std was compiled
/// with reference types and would answer with externref and a second table.
pub(crate) fn without_target_features(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, |payload| match payload {
        Payload::CustomSection(section) if section.name() == "target_features" => Ok(Rewrite::Drop),
        _ => Ok(Rewrite::Keep),
    })
}

/// The module without exported Globals and without every export that is not in `wanted`.
pub(crate) fn with_exports(wasm: &[u8], wanted: &BTreeSet<&str>) -> Result<Vec<u8>> {
    rewrite(wasm, |payload| {
        let Payload::ExportSection(exports) = payload else { return Ok(Rewrite::Keep) };
        let mut kept = ExportSection::new();
        for export in exports.clone() {
            let export = export?;
            let kind = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                ExternalKind::Table => ExportKind::Table,
                ExternalKind::Memory => ExportKind::Memory,
                ExternalKind::Tag => ExportKind::Tag,
                ExternalKind::Global => continue,
            };
            if wanted.contains(export.name) {
                kept.export(export.name, kind, export.index);
            }
        }
        Ok(Rewrite::Exports(kept))
    })
}

/// The names of exports that generated glue reads, as `wasm.name`.
pub(crate) fn exports_read_by(glue: &str) -> BTreeSet<&str> {
    glue.match_indices("wasm.")
        .filter(|(at, _)| !glue[..*at].ends_with(is_name))
        .map(|(at, object)| {
            let rest = &glue[at + object.len()..];
            &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// The names the module imports, in order.
pub(crate) fn imports_of(wasm: &[u8]) -> Result<Vec<(String, String)>> {
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let import = import?;
            imports.push((import.module.to_owned(), import.name.to_owned()));
        }
    }
    Ok(imports)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

enum Rewrite {
    Keep,
    Drop,
    Exports(ExportSection),
}

/// Copies a module section by section, with a say on each.
fn rewrite(wasm: &[u8], decide: impl Fn(&Payload<'_>) -> Result<Rewrite>) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        match decide(&payload)? {
            Rewrite::Keep => {
                let data = &wasm[usize::try_from(range.start)?..usize::try_from(range.end)?];
                module.section(&RawSection { id, data });
            }
            Rewrite::Drop => {}
            Rewrite::Exports(section) => {
                module.section(&section);
            }
        }
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_exports_and_globals_go() {
        let wasm = wat::parse_str(
            r#"(module (memory (export "memory") 1) (global (export "g") i32 (i32.const 0))
                 (func (export "used")) (func (export "unused")))"#,
        )
        .unwrap();
        let trimmed = with_exports(&wasm, &BTreeSet::from(["memory", "used", "g"])).unwrap();
        assert_eq!(exports_of(&trimmed), ["memory", "used"]);
        wasmparser::validate(&trimmed).unwrap();
    }

    #[test]
    fn only_the_features_section_goes() {
        let wasm = wat::parse_str(
            r#"(module (@custom "target_features" "x") (@custom "other" "y") (memory 1))"#,
        )
        .unwrap();
        let names: Vec<_> = Parser::new(0)
            .parse_all(&without_target_features(&wasm).unwrap())
            .filter_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section) => Some(section.name().to_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(names, ["other"]);
    }

    #[test]
    fn glue_names_the_exports_it_reads() {
        let glue = "wasm.memory.buffer; const p = wasm.__wbindgen_malloc(1); notwasm.other();";
        assert_eq!(exports_read_by(glue), BTreeSet::from(["memory", "__wbindgen_malloc"]));
    }

    fn exports_of(wasm: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                names.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
            }
        }
        names
    }
}
