//! What happens to the module between the compiler and the package: features that phones may lack
//! are lowered, and exports that nothing reads go.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, ImportSection, Module, RawSection,
};
use wasmparser::{ExternalKind, KnownCustom, Name, Parser, Payload, TypeRef};

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
/// larger than `-Oz`. The compiler has inlined what is worth it; more of it packs worse, and so do
/// locals for what is computed twice. Below 1024 lies the very end of the stack, and no data. A run of its own, so that no optimisation can bring a lowered
/// feature back.
pub(crate) const OPTIMISING: [&str; 10] = [
    "--mvp-features",
    "--enable-mutable-globals",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    "--skip-pass=local-cse",
    "--low-memory-unused",
    "-O3",
    "--converge",
    "--strip-target-features",
];

/// The module without its `target_features` section. wasm-bindgen reads there that std was compiled
/// with reference types and would answer with externref and a second table.
pub(crate) fn without_target_features(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, |payload| match payload {
        Payload::CustomSection(section) if section.name() == "target_features" => Ok(Rewrite::Drop),
        _ => Ok(Rewrite::Keep),
    })
}

/// What is in the mangled names of functions that only panics call: those that begin one, and those
/// that tell of it.
const PANICS: [&str; 13] = [
    "17rust_begin_unwind",
    "4core9panicking",
    "4core6option13expect_failed",
    "4core6option13unwrap_failed",
    "4core6result13unwrap_failed",
    "13assert_failed",
    "16slice_index_fail",
    "17len_mismatch_fail",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "18panic_access_error",
    "3std9panicking13panic_handler",
    "3std9panicking15panic_with_hook",
];

/// The module with traps in the place of panics, which weigh 2.5 kB: a phone prints no texts of them
/// anyway, and what the shim does about a trap is the same. Needs the names of the functions.
pub(crate) fn with_bare_panics(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    let mut panics = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for names in names {
                    let Name::Function(names) = names? else { continue };
                    for name in names {
                        let name = name?;
                        if PANICS.iter().any(|part| name.name.contains(part)) {
                            panics.insert(name.index as usize);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    if !panics.iter().any(|index| *index >= imported) {
        bail!("The module names no function that panics.");
    }
    let mut code = CodeSection::new();
    for (at, body) in bodies.into_iter().enumerate() {
        if panics.contains(&(imported + at)) {
            // No locals, `unreachable`, `end`.
            code.raw(&[0x00, 0x00, 0x0B]);
        } else {
            code.raw(&wasm[usize::try_from(body.start)?..usize::try_from(body.end)?]);
        }
    }
    rewrite(wasm, |payload| match payload {
        Payload::CodeSectionStart { .. } => Ok(Rewrite::Code(code.clone())),
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

/// The module with its imports and exports named `a`, `b`, ..., which spares the script three
/// kilobytes, and what each was called. The memory keeps its name.
pub(crate) fn with_short_names(wasm: &[u8]) -> Result<(Vec<u8>, ShortNames)> {
    let mut names = ShortNames::default();
    for (_, name) in imports_of(wasm)? {
        let short = short_name(names.imports.len());
        names.imports.insert(name, short);
    }
    for name in exports_of(wasm)? {
        let short = match name.as_str() {
            "memory" => name.clone(),
            _ => short_name(names.exports.len()),
        };
        names.exports.insert(name, short);
    }
    let renamed = rewrite(wasm, |payload| match payload {
        Payload::ImportSection(section) => {
            let mut imports = ImportSection::new();
            for import in section.clone().into_imports() {
                let import = import?;
                let TypeRef::Func(index) = import.ty else {
                    bail!("The module imports {}, which is no function.", import.name);
                };
                let short = &names.imports[import.name];
                imports.import(import.module, short, EntityType::Function(index));
            }
            Ok(Rewrite::Imports(imports))
        }
        Payload::ExportSection(section) => {
            let mut exports = ExportSection::new();
            for export in section.clone() {
                let export = export?;
                let kind = match export.kind {
                    ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                    ExternalKind::Memory => ExportKind::Memory,
                    ExternalKind::Table => ExportKind::Table,
                    ExternalKind::Tag | ExternalKind::Global => {
                        bail!("The module exports {}, which is nothing to call.", export.name)
                    }
                };
                exports.export(&names.exports[export.name], kind, export.index);
            }
            Ok(Rewrite::Exports(exports))
        }
        _ => Ok(Rewrite::Keep),
    })?;
    Ok((renamed, names))
}

/// What imports and exports are called in the shipped module, by their names in the glue.
#[derive(Debug, Default)]
pub(crate) struct ShortNames {
    pub(crate) imports: BTreeMap<String, String>,
    exports: BTreeMap<String, String>,
}

impl ShortNames {
    /// The glue, reading the exports under their short names.
    pub(crate) fn in_glue(&self, glue: &str) -> String {
        let mut renamed = String::with_capacity(glue.len());
        let mut rest = glue;
        while let Some((before, after)) = rest.split_once("wasm.") {
            let (name, next) = after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()));
            let short = match self.exports.get(name) {
                Some(short) if !before.ends_with(is_name) => short,
                _ => name,
            };
            renamed.extend([before, "wasm.", short]);
            rest = next;
        }
        renamed + rest
    }
}

/// `a` to `z`, then `aa`, `ab` and so on.
fn short_name(index: usize) -> String {
    let letter = char::from(b'a' + (index % 26) as u8);
    match index / 26 {
        0 => letter.into(),
        more => short_name(more - 1) + &String::from(letter),
    }
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

fn exports_of(wasm: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ExportSection(section) = payload? else { continue };
        for export in section {
            names.push(export?.name.to_owned());
        }
    }
    Ok(names)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

enum Rewrite {
    Keep,
    Drop,
    Imports(ImportSection),
    Exports(ExportSection),
    Code(CodeSection),
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
            Rewrite::Imports(section) => {
                module.section(&section);
            }
            Rewrite::Exports(section) => {
                module.section(&section);
            }
            Rewrite::Code(section) => {
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
        assert_eq!(exports_of(&trimmed).unwrap(), ["memory", "used"]);
        wasmparser::validate(&trimmed).unwrap();
    }

    #[test]
    fn panics_trap_at_once() {
        let wasm = wat::parse_str(
            r#"(module (import "a" "b" (func $other (param i32)))
                 (func $_RNvNtCs1_4core9panicking9panic_fmt (call $other (i32.const 7)))
                 (func $_ZN4work3act17h0E (call $other (i32.const 8))))"#,
        )
        .unwrap();
        let expected = wat::parse_str(
            r#"(module (import "a" "b" (func $other (param i32)))
                 (func $_RNvNtCs1_4core9panicking9panic_fmt unreachable)
                 (func $_ZN4work3act17h0E (call $other (i32.const 8))))"#,
        )
        .unwrap();
        assert_eq!(with_bare_panics(&wasm).unwrap(), expected);
        assert!(with_bare_panics(&wat::parse_str("(module (func $act))").unwrap()).is_err());
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

    #[test]
    fn short_names_reach_the_glue() {
        let wasm = wat::parse_str(
            r#"(module (import "glue" "__wbg_log" (func)) (memory (export "memory") 1)
                 (func (export "client_new")))"#,
        )
        .unwrap();
        let (renamed, names) = with_short_names(&wasm).unwrap();
        wasmparser::validate(&renamed).unwrap();
        assert_eq!(imports_of(&renamed).unwrap(), [("glue".to_owned(), "a".to_owned())]);
        assert_eq!(exports_of(&renamed).unwrap(), ["memory", "b"]);
        assert_eq!(names.imports["__wbg_log"], "a");
        let glue = "wasm.client_new(wasm.memory.buffer, mywasm.client_new, wasm.other)";
        let expected = "wasm.b(wasm.memory.buffer, mywasm.client_new, wasm.other)";
        assert_eq!(names.in_glue(glue), expected);
        assert_eq!([0, 25, 26, 53].map(short_name), ["a", "z", "aa", "bb"]);
    }
}
