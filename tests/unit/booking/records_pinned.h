{1,
 "EventCreated event_random:u64 organiser_random:u64 payment_account:bytes currency:bytes "
 "opens_at_us:u64 closes_at_us:u64 hold_seconds:u32 pay_seconds:u32 per_buyer:u32 per_hold:u32 "
 "prices:u64s fees:u64s inventory:bytes blocked:u32s per_category:u32s singles:u8 tax_bp:u32s "
 "fee_bearer:u8 payment_methods:u32 processing_seconds:u32",
 "01008191a1b1c1d1e1f18291a1b1c1d1e1f1020000006162030000006162638591a1b1c1d1e1f18691a1b1c1d1e1f1879"
 "1a1b18891a1b18991a1b18a91a1b102000000111213141516171821222324252627280200000011121314151617182122"
 "2324252627280400000061626364020000000102030405060708020000000102030405060708900200000001020304050"
 "60708929391a1b19491a1b1"},
    {2,
     "EventChanged sale:u8 per_buyer:u32 per_hold:u32 prices:u64s fees:u64s per_category:u32s "
     "singles:u8",
     "0200818291a1b18391a1b102000000111213141516171821222324252627280200000011121314151617182122232"
     "42526272802000000010203040506070887"},
    {3, "UnitsBlocked units:u32s", "0300020000000102030405060708"},
    {4, "UnitsUnblocked units:u32s", "0400020000000102030405060708"},
    {5,
     "UnitsHeld hold:u32 hold_random:u64 session:hash expires_at_us:u64 units:u32s key:hash "
     "request:u64 code:u32 choice:u8 discounts:u32s",
     "05008191a1b18291a1b1c1d1e1f1202122232425262728292a2b2c2d2e2f8491a1b1c1d1e1f102000000010203040"
     "5060708505152535455565758595a5b5c5d5e5f8791a1b1c1d1e1f18891a1b189020000000102030405060708"},
    {6, "HoldReleased hold:u32", "06008191a1b1"}, {7, "HoldExpired hold:u32", "07008191a1b1"},
    {8,
     "OrderPlaced order:u32 order_random:u64 hold:u32 session:hash email_hash:hash person:u64 "
     "contact:bytes total_minor:i64 expires_at_us:u64 key:hash request:u64 provider:u8",
     "08008191a1b18291a1b1c1d1e1f18391a1b1303132333435363738393a3b3c3d3e3f404142434445464748494a4b4"
     "c4d4e4f8691a1b1c1d1e1f1060000006162636465668891a1b1c1d1e1f18991a1b1c1d1e1f1909192939495969798"
     "999a9b9c9d9e9f8b91a1b1c1d1e1f18c"},
    {9, "PaymentRequested order:u32 kind:u8 attempt:u8 call_key:bytes body:bytes",
     "09008191a1b18283030000006162630400000061626364"},
    {10, "PaymentCreated order:u32 intent:bytes client_secret:bytes",
     "0a008191a1b10100000061020000006162"},
    {11, "PaymentDeclined order:u32 code:bytes expires_at_us:u64",
     "0b008191a1b101000000618391a1b1c1d1e1f1"},
    {12, "PaymentAuthorised order:u32 amount_minor:i64", "0c008191a1b18291a1b1c1d1e1f1"},
    {13, "OrderSold order:u32 units:u32s randoms:u64s card:hash",
     "0d008191a1b1020000000102030405060708020000001112131415161718212223242526272830313233343536373"
     "8393a3b3c3d3e3f"},
    {14, "PaymentCaptured order:u32 amount_minor:i64", "0e008191a1b18291a1b1c1d1e1f1"},
    {15, "PaymentCancelled order:u32", "0f008191a1b1"},
    {16, "OrderEnded order:u32 reason:u8", "10008191a1b182"},
    {17, "CaseOpened order:u32 reason:u8 detail:bytes", "11008191a1b182020000006162"},
    {18, "TimePassed reserved:u8", "120081"},
    {19, "OutageCredited outage_us:u64", "13008191a1b1c1d1e1f1"},
    {20,
     "AllocationSet allocation:u32 id:bytes name:bytes kind:u8 opens_at_us:u64 releases_at_us:u64",
     "14008191a1b10100000061020000006162848591a1b1c1d1e1f18691a1b1c1d1e1f1"},
    {21, "UnitsMoved allocation:u32 units:u32s", "15008191a1b1020000000102030405060708"},
    {22, "AllocationReleased allocation:u32", "16008191a1b1"},
    {23, "CodesSet allocation:u32 limit:u32 codes:bytes", "17008191a1b18291a1b1020000006162"},
    {24, "QuotasSet categories:u64s limits:u32s",
     "18000200000011121314151617182122232425262728020000000102030405060708"},
    {25, "HoldChanged hold:u32 units:u32s code:u32 discounts:u32s promo:u32 promo_spent:u64",
     "19008191a1b10200000001020304050607088391a1b10200000001020304050607088591a1b18691a1b1c1d1e1f"
     "1"},
    {26, "PlanChanged inventory:bytes units:u32s", "1a0000000000020000000102030405060708"},
    {27, "PricesStepped prices:u64s", "1b000200000011121314151617182122232425262728"},
    {28,
     "PricePlanSet rule_categories:u32s rule_from_us:u64s rule_until_us:u64s rule_sold_from:u32s "
     "rule_sold_below:u32s rule_prices:u64s ceilings:u64s package_categories:u64s "
     "package_sizes:u32s package_paid:u32s",
     "1c0002000000010203040506070802000000111213141516171821222324252627280200000011121314151617182"
     "122232425262728020000000102030405060708020000000102030405060708020000001112131415161718212223"
     "242526272802000000111213141516171821222324252627280200000011121314151617182122232425262728020"
     "000000102030405060708020000000102030405060708"},
    {29,
     "PromosSet codes:bytes kind:u8 value:u64 categories:u64 uses:u32 budget:u64 from_us:u64 "
     "until_us:u64 max_units:u32",
     "1d0000000000828391a1b1c1d1e1f18491a1b1c1d1e1f18591a1b18691a1b1c1d1e1f18791a1b1c1d1e1f18891a1b"
     "1c1d1e1f18991a1b1"},
    {30, "PromosRevoked codes:bytes", "1e0000000000"},
    {31, "HoldQuoted hold:u32 promo:u32 discounts:u32s promo_spent:u64",
     "1f008191a1b18291a1b10200000001020304050607088491a1b1c1d1e1f1"},
    {32, "HoldExtended hold:u32 expires_at_us:u64", "20008191a1b18291a1b1c1d1e1f1"},
    {33, "PaymentProcessing order:u32 expires_at_us:u64 until_us:u64",
     "21008191a1b18291a1b1c1d1e1f18391a1b1c1d1e1f1"},
    {34, "PaymentTaken order:u32 amount_minor:i64", "22008191a1b18291a1b1c1d1e1f1"},
    {35, "OrderVoided order:u32", "23008191a1b1"},
    {36,
     "RefundRequested order:u32 refund:u8 units:u32s amount_minor:i64 block:u8 by:bytes note:bytes "
     "key:hash request:u64",
     "24008191a1b1820200000001020304050607088491a1b1c1d1e1f1850500000061626364650600000061626364656"
     "6707172737475767778797a7b7c7d7e7f8991a1b1c1d1e1f1"},
    {37, "RefundDone order:u32 refund:u8 amount_minor:i64 settled:u8 attempt:u8",
     "25008191a1b1828391a1b1c1d1e1f18485"},
    {38, "RefundFailed order:u32 refund:u8 amount_minor:i64", "26008191a1b1828391a1b1c1d1e1f1"},
    {39, "DisputeOpened order:u32 dispute:bytes amount_minor:i64 due_at_us:u64 reason:bytes",
     "27008191a1b101000000618391a1b1c1d1e1f18491a1b1c1d1e1f10400000061626364"},
    {40, "DisputeClosed order:u32 won:u8", "28008191a1b182"},
    {41, "CaseClosed order:u32 action:u8 by:bytes note:bytes by_hand_minor:i64",
     "29008191a1b182020000006162030000006162638591a1b1c1d1e1f1"},
