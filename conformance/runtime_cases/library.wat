  ;; What the programs of the runtime suite have in common. It is put into each program that asks
  ;; for it, after the program's own imports. Addresses below 256 are the library's.
  (import "gate" "io_65536" (func $io (param i32 i32 i32 i32 i32 i32 i64 i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 8)

  ;; Writes bytes to the packet stream, all of them.
  (func $send (param $at i32) (param $size i32)
    (loop $more
      (if (local.get $size) (then
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $size))
        (call $io (i32.const 0) (i32.const 0) (i32.const 8)
          (i32.const 0) (i32.const 1) (i32.const 12) (i64.const -1) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 12))))
        (local.set $size (i32.sub (local.get $size) (i32.load (i32.const 12))))
        (br $more)))))

  ;; Waits for so many bytes of the packet stream.
  (func $receive (param $at i32) (param $size i32)
    (loop $more
      (if (local.get $size) (then
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $size))
        (call $io (i32.const 0) (i32.const 1) (i32.const 8)
          (i32.const 0) (i32.const 0) (i32.const 12) (i64.const -1) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
        (local.set $size (i32.sub (local.get $size) (i32.load (i32.const 8))))
        (br $more)))))

  ;; Writes bytes to the debug log.
  (func $log (param $at i32) (param $size i32)
    (i32.store (i32.const 16) (local.get $at))
    (i32.store (i32.const 20) (local.get $size))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  ;; Waits for so many bytes of the packet stream, and writes them to the debug log.
  (func $show (param $size i32)
    (call $receive (i32.const 0x40000) (local.get $size))
    (call $log (i32.const 0x40000) (local.get $size)))

  ;; Writes an unsigned number and a line feed to the debug log.
  (func $print (param $n i32)
    (local $at i32)
    (local.set $at (i32.const 79))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $more
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $more (local.get $n)))
    (call $log (local.get $at) (i32.sub (i32.const 80) (local.get $at))))

  ;; Asks whether the program was started or resumed since the last time.
  (func $begun (result i32)
    (call $io (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.const 0) (i32.const 0) (i32.const 12) (i64.const 0) (i32.const 32))
    (i32.load (i32.const 32)))

  ;; Says "ready", and goes round until the program has been suspended and resumed.
  (func $until_resumed
    (drop (call $begun))
    (i32.store (i32.const 40) (i32.const 0x64616572)) ;; "read"
    (i32.store16 (i32.const 44) (i32.const 0x0a79)) ;; "y", line feed
    (call $log (i32.const 40) (i32.const 6))
    (loop $again (br_if $again (i32.eqz (call $begun)))))

  ;; Says "ready", and never returns.
  (func $forever
    (i32.store (i32.const 40) (i32.const 0x64616572))
    (i32.store16 (i32.const 44) (i32.const 0x0a79))
    (call $log (i32.const 40) (i32.const 6))
    (loop $again (br $again)))

  ;; Never returns, and says nothing.
  (func $hang (loop $again (br $again)))
