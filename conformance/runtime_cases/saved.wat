;; Reads what an earlier run has left, to the byte, and looks whether there is more.
(module
  ;; include library.wat
  (func $reads (param $size i32)
    (call $receive (i32.const 0x40000) (local.get $size))
    (i32.store (i32.const 128) (i32.const 0x60000))
    (i32.store (i32.const 132) (i32.const 8))
    (call $io (i32.const 128) (i32.const 1) (i32.const 136)
      (i32.const 0) (i32.const 0) (i32.const 12) (i64.const 1000000) (i32.const 0))
    (call $print (i32.load (i32.const 136)))
    (call $log (i32.const 0x40000) (local.get $size)))
  (func (export "reads_5") (call $reads (i32.const 5)))
  (func (export "reads_7") (call $reads (i32.const 7)))
  (func (export "reads_8") (call $reads (i32.const 8)))
  (func (export "reads_9") (call $reads (i32.const 9)))
  (func (export "reads_12") (call $reads (i32.const 12)))
  (func (export "reads_16") (call $reads (i32.const 16)))
  (func (export "reads_32") (call $reads (i32.const 32)))
  (func (export "reads_65536") (call $reads (i32.const 65536))))
