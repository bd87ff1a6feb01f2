-- killbill_catalog.lua: the family catalog_rules: which case of a list of rules matches, what a whole rule set decides.
--
-- A price list that is not known matters only to a case that names one and whose other fields match: it is an error
-- there, and nothing anywhere else. Moonbill refuses such names before rules are asked; here the runner tells them apart.

local CONDITIONS = { "product", "category", "period", "price_list" }

local words = {
  FIXEDTERM = "fixed_term", NO_BILLING_PERIOD = "none",
}

local function word(text) return words[text] or text:lower() end

local function given(item) return item ~= nil and item ~= document.null end

-- Kill Bill's words as ours. A field without side ("product") is that of the one plan there is.
local function terms(case, categories)
  local rule = {}
  for _, name in ipairs(CONDITIONS) do
    for _, side in ipairs { "from_", "to_" } do
      local item = case[side .. name]
      if side == "from_" and not given(item) then item = case[name] end
      if given(item) then rule[side .. name] = (name == "category" or name == "period") and word(item) or item end
    end
  end
  local phase = given(case.phase) and case.phase or case.phase_type
  if given(phase) then rule.phase = word(phase) end
  for _, side in ipairs { "from_", "to_" } do
    local category = categories and categories[rule[side .. "product"]]
    if category and not rule[side .. "category"] then rule[side .. "category"] = word(category) end
  end
  return rule
end

local function copy_without(rule, names)
  local copy = {}
  for name, item in pairs(rule) do copy[name] = item end
  for _, name in ipairs(names) do copy[name] = nil end
  return copy
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do set[name] = true end
  return set
end

-- Looking at the price lists is the last that a case does: is there a question to a list that is not known?
local function asks_unknown(rule, query, known)
  local from_unknown = given(query.from_price_list) and not known[query.from_price_list]
  local to_unknown = given(query.to_price_list) and not known[query.to_price_list]
  if from_unknown and rule.from_price_list and
     catalog.match({ copy_without(rule, { "from_price_list", "to_price_list" }) }, query) then return true end
  return to_unknown and rule.to_price_list and catalog.match({ copy_without(rule, { "to_price_list" }) }, query) ~= nil
end

local function decide(rules, query, known)
  for _, rule in ipairs(rules) do
    local result = catalog.match({ rule }, query)
    if result then return result end
    if known and asks_unknown(rule, query, known) then return "ERROR" end
  end
  return nil
end

local function rule_of(case, categories)
  local rule = terms(case)
  rule.result = case.result or case.policy or case.alignment or case.to_price_list
  return rule
end

local function list_checks(case, check)
  local rules = {}
  for i, rule in ipairs(case.rules) do rules[i] = rule_of(rule) end
  local known = given(case.known_price_lists) and set_of(case.known_price_lists) or nil
  for i, query in ipairs(case.queries) do
    local found = decide(rules, terms(query, case.product_categories), known)
    local whole = catalog.match(rules, terms(query, case.product_categories))
    check:alike_to(("query %d %s"):format(i, check.show(query)), query.expect, found)
    if found ~= "ERROR" then check:alike_to(("query %d of the whole list"):format(i), query.expect, whole) end
  end
end

-- ------------------------------------------------------------------------------------------------- whole rule sets

local LISTS = { "change_policy", "change_alignment", "cancel_policy", "create_alignment", "billing_alignment", "price_list" }

-- "changePolicy", "change_policy", "change_policy_cases" ...: the list of that name.
local function list_named(sets, name)
  local plain = name:gsub("_", "")
  for key, list in pairs(sets) do
    local spelled = key:lower():gsub("_", ""):gsub("rules?$", ""):gsub("cases?$", ""):gsub("^case", "")
    if spelled == plain and type(list) == "table" then return list end
  end
  return nil
end

local RESULTS = { "result", "policy", "alignment", "to_price_list", "price_list" }

-- A rule of a set carries its result under the list's own word; those of price lists lead to one.
local function set_rule(case, list)
  local names = list == "price_list" and { "result", "to_price_list" } or RESULTS
  local result
  for _, name in ipairs(names) do
    if result == nil and given(case[name]) then result = case[name] end
  end
  local rule = terms(case)
  if list == "price_list" then rule.to_price_list = nil end
  rule.result = list == "price_list" and result or word(result)
  return rule
end

local function sets_of(source)
  local sets = {}
  for _, name in ipairs(LISTS) do
    local list = list_named(source, name)
    if list then
      sets[name] = {}
      for i, rule in ipairs(list[1] ~= nil and list or { list }) do sets[name][i] = set_rule(rule, name) end
    end
  end
  return sets
end

-- { from = { product ... }, to = { ... } } or { from_product = ..., to_product = ... }
local function query_of(change, categories)
  local query = {}
  for key, item in pairs(change) do
    if (key == "from" or key == "to") and type(item) == "table" then
      for name, field in pairs(item) do
        if name == "phase" or name == "phase_type" then query.phase = field else query[key .. "_" .. name] = field end
      end
    else
      query[key] = item
    end
  end
  for _, side in ipairs { "from_", "to_" } do query[side .. "period"] = query[side .. "period"] or query[side .. "billing_period"] end
  return terms(query, categories)
end

local function change_check(check, name, sets, change, expect, categories)
  local policy, alignment, price_list = catalog.change(sets, query_of(change, categories))
  local found = {
    policy = policy:upper(), change_policy = policy:upper(), alignment = alignment:upper(), change_alignment = alignment:upper(),
    price_list = price_list, new_price_list = price_list, to_price_list = price_list,
  }
  for key, wanted in pairs(expect) do
    if not found[key] then check:skip("'%s' of a change is not compared yet", key) end
    check:alike_to(name .. " " .. key, wanted, found[key])
  end
end

local function set_checks(case, check)
  local sets = sets_of(case.rule_set or case.rules)
  local changes = case.changes or case.queries or { case.change or case.query }
  for i, change in ipairs(changes) do
    change_check(check, "change " .. i, sets, change, change.expect or case.expect, case.product_categories)
  end
end

local function catalog_rules(case, check)
  if type(case.rules) == "table" and case.rules[1] ~= nil then list_checks(case, check) else set_checks(case, check) end
end

return { catalog_rules = catalog_rules }
