;; Calls through a table, and globals: four functions take turns on an accumulator.
(module
  (type $step (func (param i32) (result i32)))
  (table funcref (elem $add $twist $scale $fold))
  (global $calls (mut i32) (i32.const 0))
  (func $add (type $step) (i32.add (local.get 0) (global.get $calls)))
  (func $twist (type $step) (i32.rotl (local.get 0) (i32.const 9)))
  (func $scale (type $step) (i32.mul (local.get 0) (i32.const 2654435761)))
  (func $fold (type $step)
    (i32.xor (local.get 0) (i32.shr_u (local.get 0) (i32.const 11))))
  (func (export "run") (param $n i32) (result i32)
    (local $x i32)
    (global.set $calls (i32.const 0))
    (local.set $x (i32.const 1))
    (loop $next
      (local.set $x
        (call_indirect (type $step)
          (local.get $x)
          (i32.and (global.get $calls) (i32.const 3))))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (br_if $next (i32.lt_u (global.get $calls) (local.get $n))))
    (local.get $x)))
