//! The shipped module, held against what the oldest phones accept.
//!
//! WeChat on iOS refuses more than it documents: a second table, externref in a signature and passive
//! segments each make it report an invalid file, and exported Globals are documented as unsupported.
//! An i64 in a signature needs BigInt, which old engines lack.

use wasmparser::{
    DataKind, ElementKind, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef, ValType,
    Validator, WasmFeatures,
};

/// What the core may ask JavaScript for, without the hash that wasm-bindgen appends: values are made,
/// read and thrown, and a panic is printed. Clocks, randomness, storage and the network are missing on
/// purpose: they come in as arguments or go out as effects.
pub(crate) const ALLOWED_IMPORTS: &[&str] = &[
    // Errors.
    "__wbg_Error",
    "__wbg___wbindgen_throw",
    // The heap of values and casts into it.
    "__wbindgen_generic",
    "__wbindgen_object_clone_ref",
    "__wbindgen_object_drop_ref",
    // What kind of value something is, and its contents.
    "__wbg___wbindgen_boolean_get",
    "__wbg___wbindgen_debug_string",
    "__wbg___wbindgen_is_function",
    "__wbg___wbindgen_is_null",
    "__wbg___wbindgen_is_object",
    "__wbg___wbindgen_is_string",
    "__wbg___wbindgen_is_undefined",
    "__wbg___wbindgen_number_get",
    "__wbg___wbindgen_string_get",
    "__wbg_instanceof_ArrayBuffer",
    "__wbg_instanceof_Uint8Array",
    "__wbg_isArray",
    // Objects, arrays and bytes.
    "__wbg_entries",
    "__wbg_from",
    "__wbg_get",
    "__wbg_get_unchecked",
    "__wbg_keys",
    "__wbg_length",
    "__wbg_new",
    "__wbg_now",
    "__wbg_prototypesetcall",
    "__wbg_push",
    "__wbg_set",
];

/// The module that wasm-bindgen's glue is imported as.
pub(crate) const IMPORT_MODULE: &str = "./cos_wasm_bg.js";

/// Everything about a module that a phone may refuse, one sentence each; empty for a good module.
pub(crate) fn violations(wasm: &[u8], allowed_imports: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    if let Err(error) = Validator::new_with_features(WasmFeatures::WASM1).validate_all(wasm) {
        found.push(format!("It is not plain WebAssembly: {error}."));
    }
    if let Err(error) = inspect(wasm, allowed_imports, &mut found) {
        found.push(format!("It cannot be read: {error}."));
    }
    found
}

fn inspect(wasm: &[u8], allowed: &[&str], found: &mut Vec<String>) -> wasmparser::Result<()> {
    let mut types: Vec<Option<FuncType>> = Vec::new();
    let mut functions: Vec<u32> = Vec::new();
    let mut tables = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(section) => {
                for group in section {
                    types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                        wasmparser::CompositeInnerType::Func(function) => Some(function),
                        _ => None,
                    }));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    check_import(import.module, import.name, allowed, found);
                    match import.ty {
                        TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                            functions.push(index);
                            check_signature("import", import.name, &types, index, found);
                        }
                        TypeRef::Table(_) => tables += 1,
                        TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => {}
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    functions.push(index?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    tables += 1;
                    if !table?.ty.element_type.is_func_ref() {
                        found.push("A table holds something else than funcref.".to_owned());
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Global => {
                            found.push(format!("It exports the Global {}.", export.name));
                        }
                        ExternalKind::Func | ExternalKind::FuncExact => {
                            let index = functions.get(export.index as usize).copied();
                            let index = index.unwrap_or(u32::MAX);
                            check_signature("export", export.name, &types, index, found);
                        }
                        ExternalKind::Table | ExternalKind::Memory | ExternalKind::Tag => {}
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    if !matches!(element?.kind, ElementKind::Active { .. }) {
                        found.push("It has a passive or declared element segment.".to_owned());
                    }
                }
            }
            Payload::DataCountSection { .. } => {
                found.push("It has a data count section.".to_owned());
            }
            Payload::DataSection(section) => {
                for data in section {
                    if !matches!(data?.kind, DataKind::Active { .. }) {
                        found.push("It has a passive data segment.".to_owned());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    if matches!(operator?, Operator::MemoryInit { .. }) {
                        found.push("It uses memory.init.".to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    if tables > 1 {
        found.push(format!("It has {tables} tables; iOS accepts one."));
    }
    for function in types.iter().flatten() {
        if function.params().iter().chain(function.results()).any(|ty| *ty == ValType::EXTERNREF) {
            found.push("A signature contains externref.".to_owned());
        }
    }
    Ok(())
}

fn check_import(module: &str, name: &str, allowed: &[&str], found: &mut Vec<String>) {
    if module != IMPORT_MODULE || !allowed.contains(&without_hash(name)) {
        found.push(format!("It imports {name} from {module}, which is not on the list."));
    }
}

fn check_signature(
    side: &str,
    name: &str,
    types: &[Option<FuncType>],
    index: u32,
    found: &mut Vec<String>,
) {
    let Some(Some(function)) = types.get(index as usize) else { return };
    if function.params().iter().chain(function.results()).any(|ty| *ty == ValType::I64) {
        found.push(format!("The {side} {name} has an i64 in its signature."));
    }
}

/// The name of an import without the 16 hexadecimal digits that wasm-bindgen appends.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, hash))
            if hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            stem
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{IMPORT_MODULE, violations};

    const ALLOWED: &[&str] = &["__wbg_log", "__wbindgen_throw"];

    fn check(text: &str) -> Vec<String> {
        violations(&wat::parse_str(text).unwrap(), ALLOWED)
    }

    fn assert_refused(text: &str, sentence: &str) {
        let found = check(text);
        assert!(found.iter().any(|found| found.contains(sentence)), "{sentence}: {found:?}");
    }

    #[test]
    fn a_plain_module_passes() {
        let text = format!(
            r#"(module
                 (import "{IMPORT_MODULE}" "__wbg_log_0123456789abcdef" (func (param i32 f64)))
                 (import "{IMPORT_MODULE}" "__wbindgen_throw" (func (param i32 i32)))
                 (table 2 funcref) (elem (i32.const 0) 0 1)
                 (memory (export "memory") 1) (data (i32.const 0) "text")
                 (global $stack (mut i32) (i32.const 1024))
                 (func (export "inside") (result i32)
                   (drop (i64.mul (i64.const 2) (i64.const 3))) (global.get $stack)))"#
        );
        assert_eq!(check(&text), Vec::<String>::new());
    }

    #[test]
    fn externref_is_refused() {
        assert_refused("(module (func (param externref)))", "externref");
    }

    #[test]
    fn a_second_table_is_refused() {
        assert_refused("(module (table 1 funcref) (table 1 funcref))", "2 tables");
    }

    #[test]
    fn an_imported_table_counts() {
        let text = format!(
            r#"(module (import "{IMPORT_MODULE}" "t" (table 1 funcref)) (table 1 funcref))"#
        );
        assert_refused(&text, "2 tables");
    }

    #[test]
    fn a_table_of_something_else_is_refused() {
        assert_refused("(module (table 1 externref))", "else than funcref");
    }

    #[test]
    fn passive_segments_are_refused() {
        assert_refused(r#"(module (memory 1) (data "x"))"#, "passive data");
        assert_refused("(module (func $f) (elem func $f))", "passive or declared");
        assert_refused("(module (func $f) (elem declare func $f))", "passive or declared");
    }

    #[test]
    fn memory_init_is_refused() {
        let text = r#"(module (memory 1) (data $d "x") (func
            (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))"#;
        assert_refused(text, "memory.init");
        assert_refused(text, "data count");
    }

    #[test]
    fn an_exported_global_is_refused() {
        assert_refused(
            r#"(module (global (export "stack") i32 (i32.const 0)))"#,
            "exports the Global stack",
        );
    }

    #[test]
    fn i64_at_the_boundary_is_refused() {
        assert_refused(r#"(module (func (export "f") (param i64)))"#, "export f has an i64");
        assert_refused(
            r#"(module (func (export "f") (result i64) (i64.const 0)))"#,
            "export f has an i64",
        );
        let text = format!(r#"(module (import "{IMPORT_MODULE}" "__wbg_log" (func (param i64))))"#);
        assert_refused(&text, "import __wbg_log has an i64");
    }

    #[test]
    fn features_beyond_the_first_version_are_refused() {
        for (feature, text) in [
            ("sign extension", "(module (func (drop (i32.extend8_s (i32.const 1)))))"),
            (
                "bulk memory",
                "(module (memory 1) (func
                   (memory.copy (i32.const 0) (i32.const 1) (i32.const 2))))",
            ),
            (
                "saturating float to int",
                "(module (func (drop (i32.trunc_sat_f64_s (f64.const 1)))))",
            ),
            ("multi-value", "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))"),
            ("SIMD", "(module (func (drop (v128.const i64x2 0 0))))"),
            ("tail calls", "(module (func (return_call 0)))"),
            ("exceptions", "(module (tag))"),
            ("threads", "(module (memory 1 1 shared))"),
            ("memory64", "(module (memory i64 1))"),
        ] {
            let found = check(text);
            assert!(
                found.iter().any(|found| found.starts_with("It is not plain WebAssembly")),
                "{feature}: {found:?}"
            );
        }
    }

    #[test]
    fn imports_outside_the_list_are_refused() {
        let from =
            |module: &str, name: &str| format!(r#"(module (import "{module}" "{name}" (func)))"#);
        assert_refused(&from(IMPORT_MODULE, "__wbg_fetch_0123456789abcdef"), "imports __wbg_fetch");
        assert_refused(&from("env", "__wbg_log"), "from env");
        assert_eq!(check(&from(IMPORT_MODULE, "__wbg_log")), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(!violations(b"\0asm", ALLOWED).is_empty());
        assert!(!violations(b"text", ALLOWED).is_empty());
    }
}
