//! Puts functions that are alike next to each other: nothing else makes the packed module smaller
//! by as much, and the module does the same.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ElementSection, ExportSection, FunctionSection, Module, RawSection, StartSection,
};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

/// So many bytes in a row are what functions have in common.
const SHINGLE: usize = 4;

/// The module with its functions in another order: the first one first, and behind each the one
/// of the others that has most in common with it.
pub(crate) fn alike_together(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut types, mut bodies) = (0u32, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(section) => {
                for of_function in section {
                    types.push(of_function?);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let order = order(&bodies.iter().map(FunctionBody::as_bytes).collect::<Vec<_>>());
    let mut places = vec![0; order.len()];
    for (place, function) in (imported..).zip(&order) {
        places[*function] = place;
    }
    let mut moved = Moved { imported, places };

    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::FunctionSection(_) => {
                let mut functions = FunctionSection::new();
                for function in &order {
                    functions.function(types[*function]);
                }
                module.section(&functions);
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                moved.parse_export_section(&mut exports, section.clone())?;
                module.section(&exports);
            }
            Payload::StartSection { func, .. } => {
                module.section(&StartSection { function_index: moved.function_index(*func)? });
            }
            Payload::ElementSection(section) => {
                let mut elements = ElementSection::new();
                moved.parse_element_section(&mut elements, section.clone())?;
                module.section(&elements);
            }
            Payload::CodeSectionStart { .. } => {
                let mut code = CodeSection::new();
                for function in &order {
                    moved.parse_function_body(&mut code, bodies[*function].clone())?;
                }
                module.section(&code);
            }
            Payload::GlobalSection(_)
            | Payload::TypeSection(_)
            | Payload::ImportSection(_)
            | Payload::TableSection(_)
            | Payload::MemorySection(_)
            | Payload::DataCountSection { .. }
            | Payload::DataSection(_) => {
                let Some((id, range)) = payload.as_section() else { continue };
                let data = &wasm[usize::try_from(range.start)?..usize::try_from(range.end)?];
                module.section(&RawSection { id, data });
            }
            // A custom section may name functions by their old numbers.
            Payload::CustomSection(_)
            | Payload::Version { .. }
            | Payload::CodeSectionEntry(_)
            | Payload::End(_) => {}
            other => bail!("The module has {other:?}, which may refer to functions."),
        }
    }
    Ok(module.finish())
}

/// Where each function is now.
struct Moved {
    imported: u32,
    places: Vec<u32>,
}

impl Reencode for Moved {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        let defined = function.checked_sub(self.imported).map(|at| self.places[at as usize]);
        Ok(defined.unwrap_or(function))
    }
}

/// The numbers of the functions in their new order.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let shingles: Vec<HashSet<&[u8]>> =
        bodies.iter().map(|body| body.windows(SHINGLE).collect()).collect();
    let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, shingles) in shingles.iter().enumerate() {
        for shingle in shingles {
            having.entry(shingle).or_default().push(function);
        }
    }
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    let mut next = 0;
    while !left.is_empty() {
        let last = left.remove(next);
        order.push(last);
        let mut common = vec![0usize; bodies.len()];
        for shingle in &shingles[last] {
            for function in &having[shingle] {
                common[*function] += 1;
            }
        }
        // What both have, of all that either has.
        let likeness = |function: usize| {
            let all = shingles[last].len() + shingles[function].len() - common[function];
            common[function] as f64 / all.max(1) as f64
        };
        next = 0;
        for (at, function) in left.iter().enumerate() {
            if likeness(*function) > likeness(left[next]) {
                next = at;
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_functions_meet_and_are_called_as_before() {
        let wasm = wat::parse_str(
            r#"(module
                 (import "m" "f" (func $f (param i32)))
                 (table 1 funcref) (elem (i32.const 0) $c)
                 (func $a (call $f (i32.const 1000)) (call $f (i32.const 2000)))
                 (func $b (param f64) (result f64) (f64.sqrt (f64.mul (local.get 0) (f64.const 3))))
                 (func $c (export "c") (call $f (i32.const 1000)) (call $f (i32.const 2000)) (call $a))
                 (start $a))"#,
        )
        .unwrap();
        let moved = alike_together(&wasm).unwrap();
        wasmparser::validate(&moved).unwrap();
        let expected = wat::parse_str(
            r#"(module
                 (type (func (param i32))) (type (func)) (type (func (param f64) (result f64)))
                 (import "m" "f" (func $f (param i32)))
                 (table 1 funcref) (elem (i32.const 0) $c)
                 (func $a (call $f (i32.const 1000)) (call $f (i32.const 2000)))
                 (func $c (export "c") (call $f (i32.const 1000)) (call $f (i32.const 2000)) (call $a))
                 (func $b (param f64) (result f64) (f64.sqrt (f64.mul (local.get 0) (f64.const 3))))
                 (start $a))"#,
        )
        .unwrap();
        let sections = |wasm: &[u8]| -> Vec<Vec<u8>> {
            Parser::new(0)
                .parse_all(wasm)
                .filter_map(|payload| payload.unwrap().as_section())
                .filter(|(id, _)| *id != 0)
                .map(|(_, range)| wasm[range.start as usize..range.end as usize].to_vec())
                .collect()
        };
        assert_eq!(sections(&moved), sections(&expected));
    }
}
