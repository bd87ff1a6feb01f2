-- full.lua: the whole price, charged or given back.
--
-- Share = 1, also for a credit: who leaves within a period gets all of it back.
--
-- Source: upgrade_charge = full and downgrade_credit = full (Maxio); proration switched off (OpenMeter).

rule "proration/full" {
  policy = "proration",
  doc = "The whole price, also given back.",
  run = function (change)
    return change.price
  end,
}
