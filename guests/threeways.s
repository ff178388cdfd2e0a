# What compilers emit rarely: several results, references in tables, passive data, saturating conversions.
# Written for the assembler of clang; each exported function leaves one number that a reader can check.

        .functype mote_write (i32, i32) -> ()
        .import_module mote_write, mote
        .import_name mote_write, write

        .tabletype handlers, funcref
handlers:
        .tabletype hosts, externref
hosts:

        .globaltype last, i32
last:

        .functype add (i32, i32) -> (i32)
        .functype multiply (i32, i32) -> (i32)
        .functype divide (i32, i32) -> (i32, i32)

        .section .text.add,"",@
add:
        .functype add (i32, i32) -> (i32)
        local.get 0
        local.get 1
        i32.add
        end_function

        .section .text.multiply,"",@
multiply:
        .functype multiply (i32, i32) -> (i32)
        local.get 0
        local.get 1
        i32.mul
        end_function

# divide(a, b): quotient and remainder, two results.
        .globl  divide
        .export_name divide, divide
        .section .text.divide,"",@
divide:
        .functype divide (i32, i32) -> (i32, i32)
        local.get 0
        local.get 1
        i32.div_u
        local.get 0
        local.get 1
        i32.rem_u
        end_function

# digits(n): the sum of the decimal digits; the loop has a parameter and a result.
        .globl  digits
        .export_name digits, digits
        .section .text.digits,"",@
digits:
        .functype digits (i32) -> (i32)
        .local i32
        local.get 0
        loop (i32) -> (i32)
        i32.const 10
        call divide
        local.get 1
        i32.add
        local.set 1
        local.tee 0
        local.get 0
        br_if 0
        end_loop
        drop
        local.get 1
        end_function

# through(which, a, b): puts a function into a table that was empty and calls it there; which is 0 (add) or 1 (multiply).
        .globl  through
        .export_name through, through
        .section .text.through,"",@
through:
        .functype through (i32, i32, i32) -> (i32)
        .local funcref
        ref.null_func
        i32.const 3
        table.grow handlers
        drop
        table.size handlers
        i32.const 1
        i32.sub
        local.get 0
        if funcref
        i32.const multiply
        table.get __indirect_function_table
        else
        i32.const add
        table.get __indirect_function_table
        end_if
        local.tee 3
        table.set handlers
        local.get 3
        ref.is_null
        if
        unreachable
        end_if
        local.get 1
        local.get 2
        table.size handlers
        i32.const 1
        i32.sub
        call_indirect handlers, (i32, i32) -> (i32)
        end_function

# keep(reference): stores a host's reference in a table of host references, and tells whether it is there and null.
        .globl  keep
        .export_name keep, keep
        .section .text.keep,"",@
keep:
        .functype keep (externref) -> (i32)
        local.get 0
        i32.const 2
        table.grow hosts
        drop
        i32.const 1
        i32.const 0
        table.get hosts
        table.set hosts
        i32.const 1
        table.get hosts
        ref.is_null
        table.size hosts
        i32.const 16
        i32.mul
        i32.add
        end_function

# saturate(x): what does not fit becomes the nearest number that does; a NaN becomes 0.
        .globl  saturate
        .export_name saturate, saturate
        .section .text.saturate,"",@
saturate:
        .functype saturate (f64) -> (i32, i64)
        local.get 0
        i32.trunc_sat_f64_s
        local.get 0
        i64.trunc_sat_f64_u
        end_function

# narrow(n): the low byte and the low half of n as signed numbers, 64 bits wide.
        .globl  narrow
        .export_name narrow, narrow
        .section .text.narrow,"",@
narrow:
        .functype narrow (i64) -> (i64, i64)
        local.get 0
        i64.extend8_s
        local.get 0
        i64.extend16_s
        end_function

# blocks(n): fills 16 bytes with n, copies 8 of them over text, and adds up the text.
        .globl  blocks
        .export_name blocks, blocks
        .section .text.blocks,"",@
blocks:
        .functype blocks (i32) -> (i32)
        .local i32, i32
        i32.const room
        local.get 0
        i32.const 16
        memory.fill 0
        i32.const room+4
        i32.const greeting
        i32.const 8
        memory.copy 0, 0
        loop
        local.get 1
        i32.const 31
        i32.mul
        local.get 2
        i32.load8_u room
        i32.add
        local.set 1
        local.get 2
        i32.const 1
        i32.add
        local.tee 2
        i32.const 16
        i32.lt_u
        br_if 0
        end_loop
        local.get 1
        end_function

# main: prints a line and mixes the results of all of them.
        .globl  guest_main
        .export_name guest_main, main
        .section .text.guest_main,"",@
guest_main:
        .functype guest_main () -> (i32)
        .local i32
        i32.const greeting
        i32.const 17
        call mote_write
        i32.const 98765
        call digits
        i32.const 1
        i32.const 6
        i32.const 7
        call through
        i32.const 100
        i32.mul
        i32.add
        i32.const 0
        i32.const 6
        i32.const 7
        call through
        i32.const 10000
        i32.mul
        i32.add
        i32.const 7
        call blocks
        i32.xor
        f64.const -0x1p40
        call saturate
        i32.wrap_i64
        i32.add
        i32.xor
        ref.null_extern
        call keep
        i32.add
        i64.const 0x8081
        call narrow
        i64.add
        i32.wrap_i64
        i32.add
        local.tee 0
        global.set last
        global.get last
        end_function

        .section .rodata.greeting,"",@
greeting:
        .ascii  "Three ways to go\n"
        .size   greeting, 17

        .section .bss.room,"",@
room:
        .skip   16
        .size   room, 16
