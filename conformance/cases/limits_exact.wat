;; Functions that go to the limits of the call stack, of memories and tables, and of objects.
(module
  (rec (type $node (struct (field (ref null $node)) (field (ref null $row))))
       (type $row (array (mut i64))))
  (memory 1)
  (table $table 1 funcref)
  (table $rows 300 (ref null $row))
  (global $depth (mut i32) (i32.const 0))
  (global $list (mut (ref null $node)) (ref.null $node))
  (func $entered
    (global.set $depth (i32.add (global.get $depth) (i32.const 1))))
  ;; How deep it was, and begin anew.
  (func (export "depth") (result i32)
    (global.get $depth) (global.set $depth (i32.const 0)))
  (func $plain (export "plain")
    (call $entered) (call $plain))
  ;; Three parameters, 390 locals and at most seven operands: 400 slots.
  (func $wide (export "wide") (param i64 i32 f64)
    (local v128 f32)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (call $entered)
    (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
    (call $wide (local.get 0) (local.get 1) (local.get 2))
    (drop) (drop) (drop) (drop))
  ;; So many frames of its own, of seven slots, then frames of the other.
  (func $both (export "both") (param $n i32) (local i32 i32 i32)
    (call $entered)
    (if (local.get $n)
      (then (call $both (i32.sub (local.get $n) (i32.const 1))))
      (else (call $wide (i64.const 0) (i32.const 0) (f64.const 0)))))
  (func (export "grow_memory") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "grow_table") (param i32) (result i32)
    (table.grow $table (ref.null func) (local.get 0)))
  ;; Arrays in a list, at most 300, until there is no room.
  (func (export "objects") (param $size i32)
    (loop $more
      (global.set $list (struct.new $node (global.get $list)
        (array.new $row (i64.const 1) (local.get $size))))
      (call $entered)
      (br_if $more (i32.lt_u (global.get $depth) (i32.const 300)))))
  ;; The same with nothing but arrays.
  (func (export "rows") (param $size i32)
    (loop $more
      (table.set $rows (global.get $depth) (array.new $row (i64.const 1) (local.get $size)))
      (call $entered)
      (br_if $more (i32.lt_u (global.get $depth) (i32.const 300)))))
  (func (export "let_go")
    (global.set $list (ref.null $node))
    (table.fill $rows (i32.const 0) (ref.null $row) (i32.const 300))))
