;; The start function executes unreachable.
(module
  (start $begin)
  (func $begin (unreachable))
  (func (export "main")))
