//! What is changed in wasm-bindgen's glue before the shim imports it.

use anyhow::{Result, bail};

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

#[cfg(test)]
mod tests {
    use super::with_fresh_views;

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
}
