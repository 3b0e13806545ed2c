;; Debug text in several forms.
(module
  ;; include library.wat
  (data (i32.const 1024)
    "xxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxx"
    "xxxx\0a")
  (data (i32.const 1128)
    "a")
  (data (i32.const 1136)
    "b\0a")
  (data (i32.const 1144)
    "c")
  (data (i32.const 1152)
    "\0a\0a")
  (data (i32.const 1160)
    "\0a")
  (data (i32.const 1168)
    "\00\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f"
    "\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f"
    " !\22#$%&'()*+,-./"
    "0123456789:;<=>?"
    "@ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZ[\5c]^_"
    "`abcdefghijklmno"
    "pqrstuvwxyz{|}~\7f"
    "\80\81\82\83\84\85\86\87\88\89\8a\8b\8c\8d\8e\8f"
    "\90\91\92\93\94\95\96\97\98\99\9a\9b\9c\9d\9e\9f"
    "\a0\a1\a2\a3\a4\a5\a6\a7\a8\a9\aa\ab\ac\ad\ae\af"
    "\b0\b1\b2\b3\b4\b5\b6\b7\b8\b9\ba\bb\bc\bd\be\bf"
    "\c0\c1\c2\c3\c4\c5\c6\c7\c8\c9\ca\cb\cc\cd\ce\cf"
    "\d0\d1\d2\d3\d4\d5\d6\d7\d8\d9\da\db\dc\dd\de\df"
    "\e0\e1\e2\e3\e4\e5\e6\e7\e8\e9\ea\eb\ec\ed\ee\ef"
    "\f0\f1\f2\f3\f4\f5\f6\f7\f8\f9\fa\fb\fc\fd\fe\ff")
  (data (i32.const 1424)
    "end")
  (data (i32.const 1432)
    "text")
  (func (export "lines")
    (call $log (i32.const 1128) (i32.const 1))
    (call $log (i32.const 1136) (i32.const 2))
    (call $log (i32.const 1144) (i32.const 1)))
  (func (export "nothing")
    (call $log (i32.const 1024) (i32.const 0)))
  (func (export "only_line_feeds")
    (call $log (i32.const 1152) (i32.const 2))
    (call $log (i32.const 1160) (i32.const 1)))
  (func (export "binary")
    (call $log (i32.const 1168) (i32.const 256)))
  (func (export "long")
    (memory.fill (i32.const 0x40000) (i32.const 120) (i32.const 10000))
    (call $log (i32.const 0x40000) (i32.const 10000))
    (call $log (i32.const 1424) (i32.const 3)))
  (func (export "many")
    (local $i i32)
    (local.set $i (i32.const 40))
    (loop $again
      (call $log (i32.const 1024) (i32.const 101))
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
  (func (export "before_trap")
    (call $log (i32.const 1432) (i32.const 4))
    (unreachable)))
