//! From the crates and the shim's sources to what a mini program ships.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::lowering::ShortNames;
use crate::toolchain::{TARGET, Toolchain, active_cargo};
use crate::workspace::Workspace;
use crate::{glue, lowering, module_check, ordering, probes, process, setup};

/// The most that `index.js` and `cos-core.wasm.br` may weigh together, in bytes.
const BUDGET: usize = 120_000;

/// What a mini program ships with cos-wx-sdk-v5 1.8.0, in bytes.
const UPSTREAM: usize = 205_564;

/// The wasm file, unpacked and as shipped.
pub(crate) const WASM: &str = "cos-core.wasm";
const WASM_BR: &str = "cos-core.wasm.br";
pub(crate) const SCRIPT: &str = "index.js";
const TYPES: &str = "index.d.ts";

/// Where the shadow stack ends and how much memory there is at the start, in bytes.
const LINK_ARGS: [&str; 2] = ["-zstack-size=262144", "--initial-memory=524288"];

/// How the shipped script is made small. Members whose names begin with one underscore are the
/// script's own: see js-shim/src/driver.ts.
pub(crate) const MINIFYING: [&str; 2] = ["--minify", "--mangle-props=^_[a-zA-Z]"];

/// The same where terser makes the rest small: it does better on code that nobody has shortened.
const PREPARING: [&str; 2] = ["--minify-syntax", "--mangle-props=^_[a-zA-Z]"];

/// The bytes of one shipped package.
pub(crate) struct Sizes {
    script: Packed,
    wasm: Packed,
}

struct Packed {
    plain: usize,
    brotli: usize,
}

impl Sizes {
    /// What counts against the mini program's own limit.
    pub(crate) fn shipped(&self) -> usize {
        self.script.plain + self.wasm.brotli
    }
}

/// Builds `js-shim/dist`, `dist-dev` and `dist-compat`, puts into the demo what it runs, prints the sizes
/// and fails if the module or the package is not fit for phones.
pub(crate) fn run(workspace: &Workspace) -> Result<Sizes> {
    let work = workspace.target.join("xtask");
    fs::create_dir_all(&work)?;
    let wasm = core(workspace, &work)?;

    announce("brotli cos-core.wasm");
    let packed = compress(&wasm)?;
    for folder in [workspace.dist(), workspace.dist_dev(), workspace.dist_compat()] {
        empty(&folder)?;
        fs::copy(workspace.shim().join(TYPES), folder.join(TYPES))
            .with_context(|| format!("js-shim/{TYPES} cannot be copied."))?;
    }
    fs::write(workspace.dist().join(WASM_BR), &packed)?;
    fs::write(workspace.dist_dev().join(WASM), &wasm)?;
    let script = workspace.shim().join("generated/cos-core.js");
    translate(workspace, &workspace.dist_dev().join(WASM), &script)?;
    fs::write(
        script.with_extension("d.ts"),
        "export function instantiate(imports: object): object;\n",
    )?;
    bundle(workspace, "src/index.ts", &workspace.dist(), &PREPARING)?;
    shorten(workspace, &workspace.dist().join(SCRIPT))?;
    bundle(workspace, "src/index.ts", &workspace.dist_dev(), &["--sourcemap"])?;
    bundle(workspace, "src/compat.ts", &workspace.dist_compat(), &MINIFYING)?;
    parse_as_es2017(workspace)?;

    let script = fs::read(workspace.dist().join(SCRIPT))?;
    let sizes = Sizes {
        script: Packed { plain: script.len(), brotli: compress(&script)?.len() },
        wasm: Packed { plain: wasm.len(), brotli: packed.len() },
    };
    install_into_demo(workspace, &sizes)?;
    print!("{}", table(&sizes));
    if sizes.shipped() > BUDGET {
        bail!("The package weighs {} bytes; the budget is {BUDGET}.", sizes.shipped());
    }
    Ok(sizes)
}

/// Builds the cos-local program for this machine and gives its path.
pub(crate) fn cos_local(workspace: &Workspace) -> Result<PathBuf> {
    program(workspace, "cos-local")
}

/// Builds the cos-materials program for this machine and gives its path.
pub(crate) fn cos_materials(workspace: &Workspace) -> Result<PathBuf> {
    program(workspace, "cos-materials")
}

/// Builds the program of a crate that has its name.
fn program(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(active_cargo());
    cargo
        .args(["build", "--package", name, "--bin", name])
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &workspace.target);
    process::stream("build", &format!("cargo build -p {name}"), &mut cargo)?;
    Ok(workspace.target.join("debug").join(name))
}

/// The core as the compiler and wasm-bindgen leave it.
pub(crate) struct Compiled {
    /// Where wasm-bindgen put its types.
    glued: PathBuf,
    /// The script that belongs to it.
    pub(crate) glue: String,
    /// The module, with the exports that the script reads and no others.
    pub(crate) wasm: PathBuf,
}

/// Compiles the core into the folder `work`; `features` are arguments for cargo.
pub(crate) fn compiled(workspace: &Workspace, work: &Path, features: &[&str]) -> Result<Compiled> {
    let toolchain = Toolchain::require(workspace)?.with_link_args(&LINK_ARGS);
    let mut cargo = toolchain.cargo(workspace)?;
    cargo.args(["build", "--package", "cos-wasm", "--profile", "wasm", "--target", TARGET]);
    cargo.args(features);
    process::stream("build", "cargo build -p cos-wasm --profile wasm", &mut cargo)?;
    let compiled = workspace.target.join(TARGET).join("wasm/cos_wasm.wasm");
    let compiled =
        fs::read(&compiled).with_context(|| format!("{} cannot be read.", compiled.display()))?;
    let plain = work.join("cos_wasm.wasm");
    let compiled = lowering::without_target_features(&compiled)?;
    fs::write(&plain, lowering::with_bare_panics(&compiled)?)?;

    let glued = work.join("glue");
    empty(&glued)?;
    let mut bindgen = Command::new(setup::wasm_bindgen(workspace)?);
    bindgen
        .args(["--target", "bundler", "--remove-name-section", "--remove-producers-section"])
        .arg("--out-dir")
        .args([&glued, &plain]);
    quiet("wasm-bindgen --target bundler", &mut bindgen)?;

    let glue = fs::read_to_string(glued.join("cos_wasm_bg.js"))?;
    let glue = glue::with_own_text_codec(&glue::with_fresh_views(&glue)?)?;
    let glue = glue::with_arrows(&glue::without_enum(&glue::with_numbers_in_place(&glue))?);
    let mut wanted = lowering::exports_read_by(&glue);
    wanted.extend(["memory", "__wbindgen_start"]);
    let trimmed = lowering::with_exports(&fs::read(glued.join("cos_wasm_bg.wasm"))?, &wanted)?;
    let wasm = work.join("trimmed.wasm");
    fs::write(&wasm, trimmed)?;
    Ok(Compiled { glued, glue, wasm })
}

/// The core as wasm, and the glue that the shim imports in `js-shim/generated`.
fn core(workspace: &Workspace, work: &Path) -> Result<Vec<u8>> {
    let Compiled { glued, glue, wasm } = compiled(workspace, work, &[])?;
    let (lowered, shrunk) = (work.join("lowered.wasm"), work.join(WASM));
    lower(workspace, &wasm, &lowered)?;
    wasm_opt(workspace, "wasm-opt -O3", &lowering::OPTIMISING, &lowered, &shrunk)?;

    let readable = ordering::alike_together(&fs::read(shrunk)?)?;
    check(&readable, module_check::ALLOWED_IMPORTS)?;
    let (wasm, names) = lowering::with_short_names(&readable)?;
    let short = names.imports.values().map(String::as_str).collect::<Vec<_>>();
    check(&wasm, &short)?;
    generate(workspace, &glued, &names.in_glue(&glue), &names)?;
    Ok(wasm)
}

/// Writes what the shim imports: the glue, its types, the names of the operations, and the table of
/// functions that the finished module imports. The table is a plain object with nothing more in it,
/// so that the rest of the glue falls away in the bundle.
fn generate(workspace: &Workspace, glued: &Path, glue: &str, names: &ShortNames) -> Result<()> {
    let generated = workspace.shim().join("generated");
    empty(&generated)?;
    fs::write(generated.join("cos_wasm_bg.js"), glue)?;
    let types = fs::read_to_string(glued.join("cos_wasm.d.ts"))?;
    let (ask, types) = glue::enum_of(&types)?;
    fs::write(generated.join("ask.ts"), ask)?;
    fs::write(
        generated.join("cos_wasm_bg.d.ts"),
        format!(
            "import type {{ Ask }} from './ask';\n\n{types}\n\
             export function __wbg_set_wasm(exports: object): void;\n"
        ),
    )?;
    let imported = names.imports.keys().map(String::as_str).collect::<Vec<_>>().join(",\n  ");
    let table: Vec<String> =
        names.imports.iter().map(|(name, short)| format!("{short}: {name}")).collect();
    let table = table.join(",\n    ");
    let module = module_check::IMPORT_MODULE;
    fs::write(
        generated.join("imports.js"),
        format!(
            "import {{\n  {imported}\n}} from '{module}';\n\n\
             export default {{\n  '{module}': {{\n    {table}\n  }}\n}};\n"
        ),
    )?;
    fs::write(generated.join("operations.ts"), operations())?;
    fs::write(
        generated.join("imports.d.ts"),
        "declare const imports: Record<string, Record<string, Function>>;\nexport default imports;\n",
    )?;
    Ok(())
}

/// The names of the operations as products: `put,get` with `BucketAcl,ObjectAcl` is four of them.
/// The script is not packed, and written out they are a tenth of it.
fn operations() -> String {
    let mut ends: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in cos_core::catalogue::names() {
        let (beginning, end) = name.split_at(name.find(char::is_uppercase).unwrap_or(name.len()));
        match ends.iter_mut().find(|(known, _)| *known == end) {
            Some((_, beginnings)) => beginnings.push(beginning),
            None => ends.push((end, vec![beginning])),
        }
    }
    let mut products: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (end, mut beginnings) in ends {
        beginnings.sort_unstable();
        match products.iter_mut().find(|(known, _)| *known == beginnings) {
            Some((_, ends)) => ends.push(end),
            None => products.push((beginnings, vec![end])),
        }
    }
    let products: Vec<String> = products
        .iter()
        .map(|(beginnings, ends)| format!("{};{}", beginnings.join(","), ends.join(",")))
        .collect();
    format!(
        "/** The operations of the core's catalogue. */\n\
         const names: string[] = [];\n\
         for (const product of '{}'.split(' ')) {{\n  \
           const [beginnings, ends] = product.split(';').map((words) => words.split(','));\n  \
           for (const end of ends!) for (const beginning of beginnings!) names.push(beginning + end);\n\
         }}\n\
         export default names;\n",
        products.join(" ")
    )
}

/// Takes out of a module what phones refuse.
pub(crate) fn lower(workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
    let arguments = lowering::lowering_arguments().collect::<Vec<_>>();
    wasm_opt(workspace, "wasm-opt (lowering)", &arguments, from, to)
}

fn wasm_opt(
    workspace: &Workspace,
    what: &str,
    arguments: &[&str],
    from: &Path,
    to: &Path,
) -> Result<()> {
    let mut command = Command::new(workspace.npm_program("wasm-opt"));
    command.args(arguments).args([from, Path::new("-o"), to]);
    quiet(what, &mut command)
}

/// Fails with everything a phone may refuse in the module.
fn check(wasm: &[u8], allowed_imports: &[&str]) -> Result<()> {
    announce("module check");
    let found = module_check::violations(wasm, allowed_imports);
    if !found.is_empty() {
        bail!("The module is not fit for phones:\n  {}", found.join("\n  "));
    }
    Ok(())
}

/// Writes the core as JavaScript, for the compat entry: wasm2js's module, with a function in the
/// place of its one instance, so that there can be a fresh one after a trap.
pub(crate) fn translate(workspace: &Workspace, wasm: &Path, script: &Path) -> Result<()> {
    let mut command = Command::new(workspace.npm_program("wasm2js"));
    command.arg("-Oz").arg(wasm).arg("-o").arg(script);
    quiet("wasm2js", &mut command)?;
    let translated = fs::read_to_string(script)?;
    let functions = translated
        .split_once("\n")
        .filter(|(first, _)| first.starts_with("import "))
        .and_then(|(_, rest)| rest.split_once("var retasmFunc = asmFunc("))
        .map(|(functions, _)| functions)
        .context("wasm2js's module is not as expected.")?;
    Ok(fs::write(
        script,
        format!("{functions}export function instantiate(imports) {{ return asmFunc(imports); }}\n"),
    )?)
}

pub(crate) fn bundle(
    workspace: &Workspace,
    entry: &str,
    folder: &Path,
    options: &[&str],
) -> Result<()> {
    let what = format!("esbuild {}/{SCRIPT}", folder.file_name().unwrap_or_default().display());
    let mut command = Command::new(workspace.npm_program("esbuild"));
    command
        .args([entry, "--bundle", "--format=cjs", "--platform=neutral", "--target=es2017"])
        .args(["--log-level=warning", "--legal-comments=none", "--tree-shaking=true"])
        .args(options)
        .arg(format!("--outfile={}", folder.join(SCRIPT).display()))
        .current_dir(workspace.shim());
    quiet(&what, &mut command)
}

/// Makes the bundled script shorter still. What terser takes for granted holds: nobody calls `new` on
/// a function of ours that is no class, and no getter of ours does anything.
fn shorten(workspace: &Workspace, script: &Path) -> Result<()> {
    let mut command = Command::new(workspace.npm_program("terser"));
    command
        .args(["--ecma", "2017", "--toplevel", "--mangle"])
        .args(["--compress", "passes=9,inline=3,unsafe_arrows,pure_getters"])
        .arg(script)
        .arg("--output")
        .arg(script);
    quiet("terser dist/index.js", &mut command)
}

/// esbuild lowers syntax, but a parser that knows no newer one is the proof.
fn parse_as_es2017(workspace: &Workspace) -> Result<()> {
    for folder in [workspace.dist(), workspace.dist_dev(), workspace.dist_compat()] {
        let mut command = Command::new(workspace.npm_program("acorn"));
        command.args(["--ecma2017", "--silent"]).arg(folder.join(SCRIPT));
        let what = format!("acorn {}/{SCRIPT}", folder.file_name().unwrap_or_default().display());
        quiet(&what, &mut command)?;
    }
    Ok(())
}

/// Puts the package where WeChat's developer tools would put it when they build npm, and into the
/// demo what its pages tell and try.
fn install_into_demo(workspace: &Workspace, sizes: &Sizes) -> Result<()> {
    let demo = workspace.root.join("miniprogram-demo");
    let folder = demo.join("miniprogram_npm/cos-wx-wasm");
    empty(&folder)?;
    for file in [SCRIPT, WASM_BR, TYPES] {
        fs::copy(workspace.dist().join(file), folder.join(file))?;
    }
    let folder = demo.join("generated");
    empty(&folder)?;
    fs::write(
        folder.join("sizes.js"),
        format!(
            "/** Bytes of the package as shipped, and of cos-wx-sdk-v5. */\n\
             module.exports = {{ script: {}, wasm: {}, upstream: {UPSTREAM} }};\n",
            sizes.script.plain, sizes.wasm.brotli
        ),
    )?;
    probes::write(workspace, &folder, compress)
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

/// Makes a folder that holds nothing.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created.", folder.display()))
}

fn announce(what: &str) {
    process::announce("build", what);
}

fn quiet(what: &str, command: &mut Command) -> Result<()> {
    process::quiet("build", what, command).map(drop)
}

/// What is in the package and how far it is from its limits.
fn table(sizes: &Sizes) -> String {
    let mut table = format!("\n{:<24}{:>10}{:>10}\n", "file", "bytes", "brotli");
    let rows = [("dist/index.js", &sizes.script), ("dist-dev/cos-core.wasm", &sizes.wasm)];
    for (name, packed) in rows {
        table +=
            &format!("{name:<24}{:>10}{:>10}\n", grouped(packed.plain), grouped(packed.brotli));
    }
    for (name, bytes) in [
        ("shipped: js + wasm.br", sizes.shipped()),
        ("budget", BUDGET),
        ("cos-wx-sdk-v5 1.8.0", UPSTREAM),
    ] {
        table += &format!("{name:<24}{:>10}\n", grouped(bytes));
    }
    table + "\n"
}

/// Digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{compress, grouped};
    use std::io::Read;

    #[test]
    fn digits_come_in_groups() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(205_564), "205 564");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let text = b"cos".repeat(1000);
        let mut back = Vec::new();
        let packed = compress(&text).unwrap();
        brotli::Decompressor::new(&packed[..], 4096).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        assert!(packed.len() < 50);
    }
}
