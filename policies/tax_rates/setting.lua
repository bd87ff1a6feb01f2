-- setting.lua: every line bears the one tax of the tenant's settings, or none.
--
--     "tax": { "percent": "20", "name": "VAT", "inclusive": true }
--
-- Tenants with several taxes, or with customers in several countries, answer with a rule of their own: a list of rates,
-- in order, by country_code, state, kind and plan.
--
-- Source: a seller's own rate, as small shops have it.

rule "tax_rates/setting" {
  policy = "tax_rates",
  doc = "The tax of the settings.",
  run = function (line)
    if not line.tax_percent then
      return { rates = {} }
    end
    return { rates = { { name = line.tax_name or "Tax", percent = decimal(line.tax_percent), inclusive = line.tax_inclusive } } }
  end,
}
