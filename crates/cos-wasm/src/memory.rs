//! Copying and filling memory, for the code that the compiler generates.
//!
//! WebAssembly loads and stores eight bytes anywhere. The functions that come with the compiler are
//! written for machines that cannot, and phones may lack the instructions that do it all: these weigh
//! 0.7 kB less in the shipped module, and take half the time without a JIT.
#![allow(unsafe_code)]

/// Copies from the first byte to the last.
///
/// # Safety
/// `count` bytes at `from` can be read and as many at `to` written; where they overlap, `to` is before
/// `from`, so that nothing is written before it is read.
unsafe fn copy_forward(to: *mut u8, from: *const u8, count: usize) {
    let mut at = 0;
    // SAFETY: by the contract, as long as `at` is below `count`.
    unsafe {
        while at + 8 <= count {
            to.add(at).cast::<u64>().write_unaligned(from.add(at).cast::<u64>().read_unaligned());
            at += 8;
        }
        while at < count {
            *to.add(at) = *from.add(at);
            at += 1;
        }
    }
}

/// # Safety
/// C's `memcpy`: `count` bytes at `from` can be read and as many at `to` written, and they do not
/// overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe { copy_forward(to, from, count) };
    to
}

/// # Safety
/// C's `memmove`: `count` bytes at `from` can be read and as many at `to` written.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, mut count: usize) -> *mut u8 {
    // SAFETY: by the contract; what is still to be read is never written before.
    unsafe {
        if to.addr().wrapping_sub(from.addr()) >= count {
            copy_forward(to, from, count);
            return to;
        }
        while count >= 8 {
            count -= 8;
            let word = from.add(count).cast::<u64>().read_unaligned();
            to.add(count).cast::<u64>().write_unaligned(word);
        }
        while count > 0 {
            count -= 1;
            *to.add(count) = *from.add(count);
        }
    }
    to
}

/// # Safety
/// C's `memset`: `count` bytes at `to` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    let bytes = u64::from_ne_bytes([byte as u8; 8]);
    let mut at = 0;
    // SAFETY: by the contract, as long as `at` is below `count`.
    unsafe {
        while at + 8 <= count {
            to.add(at).cast::<u64>().write_unaligned(bytes);
            at += 8;
        }
        while at < count {
            *to.add(at) = byte as u8;
            at += 1;
        }
    }
    to
}
