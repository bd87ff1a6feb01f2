-- peers.lua: the arithmetic of peer billing systems ("schema": "peers/1"): each rule as a function of the case's input.
--
-- A rule answers a table with a value (or a function(check, expected)) for each name that its cases may expect. Sums
-- come from the product: money, dates and cycles from value/ and billing/, shares, taxes, discounts and what becomes of a
-- credit note from the shipped policies. The rules are in the files named here.

local rules = {}
for _, file in ipairs { "peers_period", "peers_part", "peers_tax", "peers_credit", "peers_price", "peers_wallet" } do
  for name, rule in pairs(require(file)) do rules[name] = rule end
end

local peers = {}

local function case_of(case)
  return {
    id = case.id, rule = case.rule,
    run = function (check)
      local rule = rules[case.rule]
      if not rule then check:skip("rule '%s' is not implemented yet", tostring(case.rule)) end
      check:expectations(case.expect, rule(check, case.input))
    end,
  }
end

function peers.cases(content)
  if type(content) ~= "table" or content.schema ~= "peers/1" or type(content.cases) ~= "table" then return nil end
  local cases = {}
  for i, case in ipairs(content.cases) do cases[i] = case_of(case) end
  return cases
end

return peers
