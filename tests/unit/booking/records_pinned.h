{1,
 "EventCreated event_random:u64 organiser_random:u64 payment_account:bytes currency:bytes "
 "opens_at_us:u64 closes_at_us:u64 hold_seconds:u32 pay_seconds:u32 per_buyer:u32 per_hold:u32 "
 "prices:u64s fees:u64s inventory:bytes blocked:u32s per_category:u32s singles:u8",
 "01008191a1b1c1d1e1f18291a1b1c1d1e1f1020000006162030000006162638591a1b1c1d1e1f18691a1b1c1d1e1f1879"
 "1a1b18891a1b18991a1b18a91a1b102000000111213141516171821222324252627280200000011121314151617182122"
 "232425262728040000006162636402000000010203040506070802000000010203040506070890"},
    {2,
     "EventChanged sale:u8 per_buyer:u32 per_hold:u32 prices:u64s fees:u64s per_category:u32s "
     "singles:u8",
     "0200818291a1b18391a1b102000000111213141516171821222324252627280200000011121314151617182122232"
     "42526272802000000010203040506070887"},
    {3, "UnitsBlocked units:u32s", "0300020000000102030405060708"},
    {4, "UnitsUnblocked units:u32s", "0400020000000102030405060708"},
    {5,
     "UnitsHeld hold:u32 hold_random:u64 session:hash expires_at_us:u64 units:u32s key:hash "
     "request:u64 code:u32 choice:u8",
     "05008191a1b18291a1b1c1d1e1f1202122232425262728292a2b2c2d2e2f8491a1b1c1d1e1f102000000010203040"
     "5060708505152535455565758595a5b5c5d5e5f8791a1b1c1d1e1f18891a1b189"},
    {6, "HoldReleased hold:u32", "06008191a1b1"}, {7, "HoldExpired hold:u32", "07008191a1b1"},
    {8,
     "OrderPlaced order:u32 order_random:u64 hold:u32 session:hash email_hash:hash person:u64 "
     "contact:bytes total_minor:i64 expires_at_us:u64 key:hash request:u64",
     "08008191a1b18291a1b1c1d1e1f18391a1b1303132333435363738393a3b3c3d3e3f404142434445464748494a4b4"
     "c4d4e4f8691a1b1c1d1e1f1060000006162636465668891a1b1c1d1e1f18991a1b1c1d1e1f1909192939495969798"
     "999a9b9c9d9e9f8b91a1b1c1d1e1f1"},
    {9, "PaymentRequested order:u32 kind:u8 attempt:u8 call_key:bytes body:bytes",
     "09008191a1b18283030000006162630400000061626364"},
    {10, "PaymentCreated order:u32 intent:bytes client_secret:bytes",
     "0a008191a1b10100000061020000006162"},
    {11, "PaymentDeclined order:u32 code:bytes", "0b008191a1b10100000061"},
    {12, "PaymentAuthorised order:u32 amount_minor:i64", "0c008191a1b18291a1b1c1d1e1f1"},
    {13, "OrderSold order:u32 units:u32s randoms:u64s card:hash",
     "0d008191a1b1020000000102030405060708020000001112131415161718212223242526272830313233343536373"
     "83"
     "93a3b3c3d3e3f"},
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
    {25, "HoldChanged hold:u32 units:u32s code:u32",
     "19008191a1b10200000001020304050607088391a1b1"},
    {26, "PlanChanged inventory:bytes units:u32s", "1a0000000000020000000102030405060708"},
