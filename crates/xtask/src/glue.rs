//! What is changed in wasm-bindgen's glue before the shim imports it.

use anyhow::{Result, anyhow, bail};

/// The glue with views of the memory made anew at each use.
///
/// wasm-bindgen keeps a view until it is detached. That is not enough twice over: on iOS a kept view
/// may show memory that is no longer the module's, and a kept view survives a fresh instance after a
/// trap. Each accessor is a function whose name ends in `Memory0` and that makes
/// `new X(wasm.memory.buffer)`; its body becomes just that.
pub(crate) fn with_fresh_views(glue: &str) -> Result<String> {
    let mut fresh = String::with_capacity(glue.len());
    let mut lines = glue.lines();
    let mut accessors = 0;
    while let Some(line) = lines.next() {
        fresh.push_str(line);
        fresh.push('\n');
        if !(line.starts_with("function ") && line.ends_with("Memory0() {")) {
            continue;
        }
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
        let made = body.iter().find_map(|line| {
            let (_, made) = line.split_once("= new ")?;
            made.strip_suffix("(wasm.memory.buffer);")
        });
        let Some(made) = made else { bail!("The glue's {line} is not as expected.") };
        fresh.push_str(&format!("    return new {made}(wasm.memory.buffer);\n}}\n"));
        accessors += 1;
    }
    if accessors == 0 {
        bail!("The glue has no accessors of the memory that could be changed.");
    }
    // Declarations of the kept views may stay; what matters is that nothing reads them.
    let kept = |line: &&str| {
        line.contains("Memory0 = new")
            || (line.contains("return cached") && line.contains("Memory0"))
    };
    if let Some(line) = fresh.lines().find(kept) {
        bail!("The glue still keeps a view of the memory: {}", line.trim());
    }
    Ok(fresh)
}

/// The text that goes into the module, by the shim's own codec.
const PASS_STRING: &str = "\
function passStringToWasm0(arg) {
    const bytes = encodeUtf8(arg);
    const ptr = wasm.__wbindgen_malloc(bytes.length, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
    WASM_VECTOR_LEN = bytes.length;
    return ptr;
}
";

/// The text that comes out of it.
const DECODE: &str = "\
function decodeText(bytes) {
    return decodeUtf8(bytes);
}
";

/// How the functions that wasm-bindgen writes for these begin, and what takes their place.
const REPLACED: [(&str, &str); 3] = [
    ("function passStringToWasm0(", PASS_STRING),
    ("function decodeText(", DECODE),
    ("if (!('encodeInto' in cachedTextEncoder)) {", ""),
];

/// How the lines begin that only those needed.
const DROPPED: [&str; 5] = [
    "let cachedTextDecoder = ",
    "cachedTextDecoder.decode()",
    "const MAX_SAFARI_DECODE_BYTES = ",
    "let numBytesDecoded = ",
    "const cachedTextEncoder = ",
];

/// The glue with the shim's UTF-8 in the place of TextEncoder and TextDecoder, which phones lack,
/// and with a short name for the pointers of objects: the script is not packed.
pub(crate) fn with_own_text_codec(glue: &str) -> Result<String> {
    let mut own = "import { decodeUtf8, encodeUtf8 } from '../src/utf8';\n".to_owned();
    let mut lines = glue.lines();
    while let Some(line) = lines.next() {
        if let Some((_, replacement)) = REPLACED.iter().find(|(start, _)| line.starts_with(start)) {
            own.push_str(replacement);
            lines.by_ref().find(|line| *line == "}");
        } else if !DROPPED.iter().any(|start| line.starts_with(start)) {
            own.push_str(line);
            own.push('\n');
        }
    }
    let own = own
        .replace(", wasm.__wbindgen_malloc, wasm.__wbindgen_realloc)", ")")
        .replace("__wbg_ptr", "at");
    for left in ["TextDecoder", "TextEncoder", "wbindgen_realloc", "numBytesDecoded"] {
        if let Some(line) = own.lines().find(|line| line.contains(left)) {
            bail!("The glue still has a codec of its own: {}", line.trim());
        }
    }
    if !own.contains(PASS_STRING) || !own.contains(DECODE) {
        bail!("The glue passes no texts that could be coded.");
    }
    Ok(own)
}

/// The glue that hands numbers on as they are. wasm-bindgen first makes them numbers, in constants
/// called `val0`, `val1` and so on, in case that runs code of the caller; the only caller is the shim,
/// and it hands in numbers.
pub(crate) fn with_numbers_in_place(glue: &str) -> String {
    let mut own = String::with_capacity(glue.len());
    let mut values: Vec<(&str, &str)> = Vec::new();
    for line in glue.lines() {
        let value = line.trim().strip_prefix("const ").and_then(|rest| rest.split_once(" = +"));
        if let Some((value, name)) = value.filter(|(value, _)| value.starts_with("val")) {
            values.push((value, name.trim_end_matches(';')));
            continue;
        }
        let mut line = line.to_owned();
        // The last first: `val1` begins `val10`.
        for (value, name) in values.iter().rev() {
            line = line.replace(value, name);
        }
        own.push_str(&line);
        own.push('\n');
        if line == "}" {
            values.clear();
        }
    }
    own
}

/// The module's one enum as TypeScript that a bundler puts the numbers of in place, and the other
/// types.
pub(crate) fn enum_of(types: &str) -> Result<(String, String)> {
    let found = types.split_once("export enum ").and_then(|(before, rest)| {
        let (members, after) = rest.split_once("\n}\n")?;
        let (before, about) = before.rsplit_once("/**")?;
        Some((
            format!("/**{about}export const enum {members}\n}}\n"),
            format!("{before}{}", after.trim_start()),
        ))
    });
    found.ok_or_else(|| anyhow!("The glue's types have no enum with a comment."))
}

/// The glue without the object that [`enum_of`] makes superfluous.
pub(crate) fn without_enum(glue: &str) -> Result<String> {
    glue.split_once("export const Ask = Object.freeze(")
        .and_then(|(before, rest)| Some([before, rest.split_once("\n});\n")?.1].concat()))
        .ok_or_else(|| anyhow!("The glue has no object for the enum."))
}

/// The glue with constants in the place of functions: an arrow is shorter in the script, which is not
/// packed, and no tool makes one of a declaration.
pub(crate) fn with_arrows(glue: &str) -> String {
    let mut own = String::with_capacity(glue.len());
    let mut inside = false;
    for line in glue.lines() {
        let (export, function) = match line.strip_prefix("export ") {
            Some(rest) => ("export ", rest),
            None => ("", line),
        };
        let parts = function.strip_prefix("function ").and_then(|rest| rest.split_once('('));
        if let Some((name, rest)) = parts
            && let Some(parameters) = rest.strip_suffix(") {")
        {
            own += &format!("{export}const {name} = ({parameters}) => {{\n");
            inside = true;
        } else if inside && line == "}" {
            own += "};\n";
            inside = false;
        } else {
            own.extend([line, "\n"]);
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::{
        DECODE, PASS_STRING, enum_of, with_arrows, with_fresh_views, with_numbers_in_place,
        with_own_text_codec, without_enum,
    };

    #[test]
    fn functions_become_arrows() {
        let glue = "let wasm;\nexport function f(a, ...b) {\n    if (a) {\n    }\n}\n\
                    function g() {\n    return 1;\n}\n";
        let own = "let wasm;\nexport const f = (a, ...b) => {\n    if (a) {\n    }\n};\n\
                   const g = () => {\n    return 1;\n};\n";
        assert_eq!(with_arrows(glue), own);
    }

    #[test]
    fn the_enum_is_for_the_bundler() {
        let types = "/* x */\n/**\n * Asked.\n */\nexport enum Ask {\n    A = 0,\n}\n\nexport function f(): any;\n";
        assert_eq!(
            enum_of(types).unwrap(),
            (
                "/**\n * Asked.\n */\nexport const enum Ask {\n    A = 0,\n}\n".to_owned(),
                "/* x */\nexport function f(): any;\n".to_owned()
            )
        );
        assert!(enum_of("export function f(): any;\n").is_err());
        let glue =
            "let a;\nexport const Ask = Object.freeze({\n    A: 0, \"0\": \"A\",\n});\nlet b;\n";
        assert_eq!(without_enum(glue).unwrap(), "let a;\nlet b;\n");
        assert!(without_enum("let a;\n").is_err());
    }

    const GLUE: &str = "\
let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedUint8ArrayMemory0;
}
let wasm;
";

    #[test]
    fn accessors_make_their_view() {
        assert_eq!(
            with_fresh_views(GLUE).unwrap(),
            "let cachedUint8ArrayMemory0 = null;\nfunction getUint8ArrayMemory0() {\n    \
             return new Uint8Array(wasm.memory.buffer);\n}\nlet wasm;\n"
        );
    }

    #[test]
    fn glue_of_another_shape_is_refused() {
        assert!(with_fresh_views("let wasm;\n").is_err());
        assert!(with_fresh_views("function getXMemory0() {\n    return 1;\n}\n").is_err());
        let renamed = GLUE.replace("function getUint8ArrayMemory0", "const get = function");
        assert!(with_fresh_views(&renamed).is_err());
    }

    #[test]
    fn numbers_are_handed_on() {
        let glue = "\
export function f(id, text) {
    const val1 = +id;
    const val10 = +other;
    const ptr0 = passStringToWasm0(text);
    return wasm.f(val1, ptr0, val10);
}
export function g(val1) {
    return wasm.g(val1);
}
";
        let own = "\
export function f(id, text) {
    const ptr0 = passStringToWasm0(text);
    return wasm.f(id, ptr0, other);
}
export function g(val1) {
    return wasm.g(val1);
}
";
        assert_eq!(with_numbers_in_place(glue), own);
    }

    const CODEC: &str = "\
function call(text) {
    wasm.f(this.__wbg_ptr, passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc));
}
function passStringToWasm0(arg, malloc, realloc) {
    return cachedTextEncoder.encode(arg);
}
let cachedTextDecoder = new TextDecoder('utf-8');
cachedTextDecoder.decode();
function decodeText(bytes) {
    return cachedTextDecoder.decode(bytes);
}
const cachedTextEncoder = new TextEncoder();
if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = null;
}
let wasm;
";

    #[test]
    fn the_codec_of_the_shim_is_used() {
        let call = "function call(text) {\n    wasm.f(this.at, passStringToWasm0(text));\n}\n";
        assert_eq!(
            with_own_text_codec(CODEC).unwrap(),
            [
                "import { decodeUtf8, encodeUtf8 } from '../src/utf8';\n",
                call,
                PASS_STRING,
                DECODE,
                "let wasm;\n"
            ]
            .concat()
        );
        assert!(with_own_text_codec("let wasm;\n").is_err());
        assert!(with_own_text_codec(&CODEC.replace("const cached", "var cached")).is_err());
    }
}
