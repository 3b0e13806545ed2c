;; Packets to services, good and bad ones. Each entry sends what its name says.
(module
  ;; include library.wat
  ;; Sends bytes one at a time.
  (func $send_slowly (param $at i32) (param $size i32)
    (loop $more
      (if (local.get $size) (then
        (call $send (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (br $more)))))
  (data (i32.const 1024)
    "\11\00\00\00\ff\ff\00\00\01\00\06origi"
    "n\00\00\00\00\00\00\00")
  (data (i32.const 1048)
    "#\00\00\00\ff\ff\00\00\03\00\06origi"
    "n\04test\0c_nonexist"
    "ent\00\00\00\00\00")
  (data (i32.const 1088)
    "\0f\00\00\00\ff\ff\00\00\01\00\04echo\00")
  (data (i32.const 1104)
    "\18\00\00\00\ff\ff\00\00\02\00\06origi"
    "n\06origin")
  (data (i32.const 1128)
    "\16\00\00\00\ff\ff\00\00\02\00\05bogus"
    "\05bogus\00\00")
  (data (i32.const 1152)
    "\0a\00\00\00\ff\ff\00\00\00\00\00\00\00\00\00\00")
  (data (i32.const 1168)
    "\8a\02\00\00\ff\ff\00\00\96\00\02a0\02a1"
    "\02a2\02a3\02a4\02a5\02a6\02"
    "a7\02a8\02a9\03a10\03a11"
    "\03a12\03a13\03a14\03a15"
    "\03a16\03a17\03a18\03a19"
    "\03a20\03a21\03a22\03a23"
    "\03a24\03a25\03a26\03a27"
    "\03a28\03a29\03a30\03a31"
    "\03a32\03a33\03a34\03a35"
    "\03a36\03a37\03a38\03a39"
    "\03a40\03a41\03a42\03a43"
    "\03a44\03a45\03a46\03a47"
    "\03a48\03a49\03a50\03a51"
    "\03a52\03a53\03a54\03a55"
    "\03a56\03a57\03a58\03a59"
    "\03a60\03a61\03a62\03a63"
    "\03a64\03a65\03a66\03a67"
    "\03a68\03a69\03a70\03a71"
    "\03a72\03a73\03a74\03a75"
    "\03a76\03a77\03a78\03a79"
    "\03a80\03a81\03a82\03a83"
    "\03a84\03a85\03a86\03a87"
    "\03a88\03a89\03a90\03a91"
    "\03a92\03a93\03a94\03a95"
    "\03a96\03a97\03a98\03a99"
    "\04a100\04a101\04a102\04"
    "a103\04a104\04a105\04a"
    "106\04a107\04a108\04a1"
    "09\04a110\04a111\04a11"
    "2\04a113\04a114\04a115"
    "\04a116\04a117\04a118\04"
    "a119\04a120\04a121\04a"
    "122\04a123\04a124\04a1"
    "25\04a126\04a127\04a12"
    "8\04a129\04a130\04a131"
    "\04a132\04a133\04a134\04"
    "a135\04a136\04a137\04a"
    "138\04a139\04a140\04a1"
    "41\04a142\04a143\04a14"
    "4\04a145\04a146\04a147"
    "\04a148\04a149\00\00\00\00\00\00")
  (data (i32.const 1824)
    "\8a\02\00\00\ff\ff\00\00\96\00\02b0\02b1"
    "\02b2\02b3\02b4\02b5\02b6\02"
    "b7\02b8\02b9\03b10\03b11"
    "\03b12\03b13\03b14\03b15"
    "\03b16\03b17\03b18\03b19"
    "\03b20\03b21\03b22\03b23"
    "\03b24\03b25\03b26\03b27"
    "\03b28\03b29\03b30\03b31"
    "\03b32\03b33\03b34\03b35"
    "\03b36\03b37\03b38\03b39"
    "\03b40\03b41\03b42\03b43"
    "\03b44\03b45\03b46\03b47"
    "\03b48\03b49\03b50\03b51"
    "\03b52\03b53\03b54\03b55"
    "\03b56\03b57\03b58\03b59"
    "\03b60\03b61\03b62\03b63"
    "\03b64\03b65\03b66\03b67"
    "\03b68\03b69\03b70\03b71"
    "\03b72\03b73\03b74\03b75"
    "\03b76\03b77\03b78\03b79"
    "\03b80\03b81\03b82\03b83"
    "\03b84\03b85\03b86\03b87"
    "\03b88\03b89\03b90\03b91"
    "\03b92\03b93\03b94\03b95"
    "\03b96\03b97\03b98\03b99"
    "\04b100\04b101\04b102\04"
    "b103\04b104\04b105\04b"
    "106\04b107\04b108\04b1"
    "09\04b110\04b111\04b11"
    "2\04b113\04b114\04b115"
    "\04b116\04b117\04b118\04"
    "b119\04b120\04b121\04b"
    "122\04b123\04b124\04b1"
    "25\04b126\04b127\04b12"
    "8\04b129\04b130\04b131"
    "\04b132\04b133\04b134\04"
    "b135\04b136\04b137\04b"
    "138\04b139\04b140\04b1"
    "41\04b142\04b143\04b14"
    "4\04b145\04b146\04b147"
    "\04b148\04b149\00\00\00\00\00\00")
  (data (i32.const 2480)
    "\0b\00\00\00\ff\ff\00\00\01\00\00\00\00\00\00\00")
  (data (i32.const 2496)
    "\8a\00\00\00\ff\ff\00\00\01\00\7fnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnn\00\00\00\00\00\00")
  (data (i32.const 2640)
    "\8b\00\00\00\ff\ff\00\00\01\00\80nnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnnnnnnn"
    "nnnnnnnnnnn\00\00\00\00\00")
  (data (i32.const 2784)
    "\0f\00\00\00\ff\ff\00\00\02\00\04echo\00")
  (data (i32.const 2800)
    "\09\00\00\00\ff\ff\00\00\01\00\00\00\00\00\00\00")
  (data (i32.const 2816)
    "\0a\00\00\00\ff\ff\01\00\00\00\00\00\00\00\00\00")
  (data (i32.const 2832)
    "\12\00\00\00\ff\ff\00\00\01\00\04echo."
    "..\00\00\00\00\00\00")
  (data (i32.const 2856)
    "\0d\00\00\00\ff\ff\00\00\01\00\02\ff\fe\00\00\00")
  (data (i32.const 2872)
    "\07\00\00\00\ff\ff\00\00")
  (data (i32.const 2880)
    "\00\00\00\00\ff\ff\00\00")
  (data (i32.const 2888)
    "\01\00\01\00\ff\ff\00\00")
  (data (i32.const 2896)
    "\ff\ff\ff\ff\00\00\00\00")
  (data (i32.const 2904)
    "\08\00\00\00\fe\ff\00\00")
  (data (i32.const 2912)
    "\08\00\00\00\00\80\00\00")
  (data (i32.const 2920)
    "\08\00\00\00\00\00\00\00")
  (data (i32.const 2928)
    "\16\00\00\00\ff\ff\00\00\02\00\06origi"
    "n\04echo\00\00")
  (data (i32.const 2952)
    "\08\00\00\00\02\00\00\00")
  (data (i32.const 2960)
    "\08\00\00\00\00\00\04\00")
  (data (i32.const 2968)
    "\08\00\00\00\00\00\0f\00")
  (data (i32.const 2976)
    "\08\00\00\00\01\00\10\00")
  (data (i32.const 2984)
    "\08\00\00\00\01\00\00\07")
  (data (i32.const 2992)
    "\0f\00\00\00\00\00\03\00\00\00\00\00\00\00\00\00")
  (data (i32.const 3008)
    "\10\00\00\00\00\00\03\00\03\00\00\00\00\00\00\00")
  (data (i32.const 3024)
    "\08\00\00\00\00\00\02\00")
  (data (i32.const 3032)
    "\18\00\00\00\00\00\02\00\01\00\00\00d\00\00\00"
    "\02\00\00\00\00\00\00\00")
  (data (i32.const 3056)
    "\0d\00\00\00\01\00\00\00hello\00\00\00")
  (data (i32.const 3072)
    "\08\00\00\00\01\00\00\00")
  (data (i32.const 3080)
    "\0d\00\00\00\01\00\00\00helloabc")
  (data (i32.const 3096)
    "\0c\00\00\00\01\00\01\00news\00\00\00\00")
  (data (i32.const 3112)
    "\10\00\00\00\01\00\02\00\00\00\00\00\01\00\00\00")
  (data (i32.const 3128)
    "\11\00\00\00\01\00\03\00\00\00\00\00\00\00\00\00"
    "x\00\00\00\00\00\00\00")
  (data (i32.const 3152)
    "\10\00\00\00\01\00\00\00one....."
    "\0b\00\00\00\01\00\00\00two\00\00\00\00\00")
  (data (i32.const 3184)
    "\0d\00\00\00\01\00\00\00first\00\00\00")
  (data (i32.const 3200)
    "\0b\00\00\00\01\00\00\002nd\00\00\00\00\00")
  (data (i32.const 3216)
    "\11\00\00\00\01\00\00\00the thir"
    "d\00\00\00\00\00\00\00")
  (data (i32.const 3240)
    "\0c\00\00\00\01\00\00\00last\00\00\00\00")
  (data (i32.const 3256)
    "\0a\00\00\00\01\00\00\00go\00\00\00\00\00\00")
  (data (i32.const 3272)
    "\11\00\00\00\00\00\00\00to origi"
    "n\00\00\00\00\00\00\00")
  (data (i32.const 3296)
    "\0f\00\00\00\01\00\00\00to echo\00")
  (data (i32.const 3312)
    "\0d\00\00\00\00\00\00\00again\00\00\00")
  (data (i32.const 3328)
    "\15\00\00\00\ff\ff\00\00\02\00\05bogus"
    "\04echo\00\00\00")
  (data (i32.const 3352)
    "\0c\00\00\00\00\00\00\00lost\00\00\00\00")
  (data (i32.const 3368)
    "\0c\00\00\00\01\00\00\00here\00\00\00\00")
  (data (i32.const 3384)
    "\10\00\00\00\00\00\02\00\01\00\00\00\01\00\00\00")
  (data (i32.const 3400)
    "\10\00\00\00\00\00\03\00\00\00\00\00\00\00\00\00")
  (data (i32.const 3416)
    "\08\00\00\00\00\00\01\00")
  (func (export "one")
    (call $send (i32.const 1024) (i32.const 24))
    (call $show (i32.const 16)))
  (func (export "three")
    (call $send (i32.const 1048) (i32.const 40))
    (call $show (i32.const 16)))
  (func (export "twice")
    (call $send (i32.const 1024) (i32.const 24))
    (call $show (i32.const 16))
    (call $send (i32.const 1088) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "same_twice")
    (call $send (i32.const 1104) (i32.const 24))
    (call $show (i32.const 16)))
  (func (export "same_again")
    (call $send (i32.const 1024) (i32.const 24))
    (call $show (i32.const 16))
    (call $send (i32.const 1024) (i32.const 24))
    (call $show (i32.const 16)))
  (func (export "bogus_twice")
    (call $send (i32.const 1128) (i32.const 24))
    (call $show (i32.const 16)))
  (func (export "none")
    (call $send (i32.const 1152) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "many")
    (call $send (i32.const 1168) (i32.const 656))
    (call $receive (i32.const 0x40000) (i32.const 160))
    (call $send (i32.const 1824) (i32.const 656))
    (call $receive (i32.const 0x40000) (i32.const 272))
    (call $log (i32.const 0x40000) (i32.const 10)))
  (func (export "name_empty")
    (call $send (i32.const 2480) (i32.const 16))
    (call $hang))
  (func (export "name_127")
    (call $send (i32.const 2496) (i32.const 144))
    (call $show (i32.const 16)))
  (func (export "name_128")
    (call $send (i32.const 2640) (i32.const 144))
    (call $hang))
  (func (export "names_truncated")
    (call $send (i32.const 2784) (i32.const 16))
    (call $hang))
  (func (export "nine_bytes")
    (call $send (i32.const 2800) (i32.const 16))
    (call $hang))
  (func (export "services_info")
    (call $send (i32.const 2816) (i32.const 16))
    (call $hang))
  (func (export "extra_bytes")
    (call $send (i32.const 2832) (i32.const 24))
    (call $show (i32.const 16)))
  (func (export "not_utf8")
    (call $send (i32.const 2856) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "size_7")
    (call $send (i32.const 2872) (i32.const 8))
    (call $hang))
  (func (export "size_0")
    (call $send (i32.const 2880) (i32.const 8))
    (call $hang))
  (func (export "size_65537")
    (call $send (i32.const 2888) (i32.const 8))
    (call $hang))
  (func (export "size_huge")
    (call $send (i32.const 2896) (i32.const 8))
    (call $hang))
  (func (export "code_minus_2")
    (call $send (i32.const 2904) (i32.const 8))
    (call $hang))
  (func (export "code_minus_32768")
    (call $send (i32.const 2912) (i32.const 8))
    (call $hang))
  (func (export "code_early")
    (call $send (i32.const 2920) (i32.const 8))
    (call $hang))
  (func (export "code_too_great")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2952) (i32.const 8))
    (call $hang))
  (func (export "domain_4")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2960) (i32.const 8))
    (call $hang))
  (func (export "domain_15")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2968) (i32.const 8))
    (call $hang))
  (func (export "domain_high_bits")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2976) (i32.const 8))
    (call $show (i32.const 8)))
  (func (export "index_any")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2984) (i32.const 8))
    (call $show (i32.const 8)))
  (func (export "data_15")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 2992) (i32.const 16))
    (call $hang))
  (func (export "data_16")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3008) (i32.const 16)))
  (func (export "flow_8")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3024) (i32.const 8)))
  (func (export "flow_two")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3032) (i32.const 24)))
  (func (export "call_5")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3056) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "call_empty")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3072) (i32.const 8))
    (call $show (i32.const 8)))
  (func (export "call_greatest")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (i32.store (i32.const 0x50000) (i32.const 65536))
    (i32.store (i32.const 0x50004) (i32.const 1))
    (call $send (i32.const 327680) (i32.const 65536))
    (call $receive (i32.const 0x40000) (i32.const 65536))
    (call $print (i32.load (i32.const 0x40000))))
  (func (export "padding_any")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3080) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "info")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3096) (i32.const 16)))
  (func (export "flow_to_echo")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3112) (i32.const 16))
    (call $hang))
  (func (export "data_to_echo")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3128) (i32.const 24))
    (call $hang))
  (func (export "only_discovered")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16)))
  (func (export "two_at_once")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3152) (i32.const 32))
    (call $show (i32.const 32)))
  (func (export "byte_by_byte")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send_slowly (i32.const 3152) (i32.const 32))
    (call $show (i32.const 32)))
  (func (export "three_and_halt")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3184) (i32.const 16))
    (call $send (i32.const 3200) (i32.const 16))
    (call $send (i32.const 3216) (i32.const 24)))
  (func (export "call_then_forever")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3240) (i32.const 16))
    (call $forever))
  (func (export "call_and_receive_40")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3256) (i32.const 16))
    (call $show (i32.const 48)))
  (func (export "call_and_receive_16")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3256) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "two_services")
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3272) (i32.const 24))
    (call $send (i32.const 3296) (i32.const 16))
    (call $send (i32.const 3312) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "to_unavailable")
    (call $send (i32.const 3328) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3352) (i32.const 16))
    (call $send (i32.const 3368) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "any_to_unavailable")
    (call $send (i32.const 3328) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3384) (i32.const 16))
    (call $send (i32.const 3400) (i32.const 16))
    (call $send (i32.const 3416) (i32.const 8))
    (call $send (i32.const 3368) (i32.const 16))
    (call $show (i32.const 16)))
  (func (export "writes_until_full")
    (local $error i32)
    (call $send (i32.const 2928) (i32.const 24))
    (call $receive (i32.const 0x40000) (i32.const 16))
    (call $send (i32.const 3256) (i32.const 16))
    (i32.store (i32.const 48) (i32.const 0x50000))
    (i32.store (i32.const 0x50000) (i32.const 65536))
    (i32.store (i32.const 0x50004) (i32.const 1))
    (i32.store (i32.const 52) (i32.const 65536))
    (loop $again
      (i32.store (i32.const 56) (i32.const 77))
      (local.set $error (call $fd_write (i32.const 4) (i32.const 48) (i32.const 1) (i32.const 56)))
      (br_if $again (i32.eqz (local.get $error))))
    (call $print (local.get $error))
    (call $print (i32.load (i32.const 56)))))
