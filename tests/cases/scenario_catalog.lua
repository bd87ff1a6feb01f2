-- scenario_catalog.lua: the plans of a scenario as one catalog version of a bundle.

local json = require "json"

local catalog = {}

local function lower(text) return text and text ~= document.null and text:lower() or nil end

local PHASES = { TRIAL = "trial", DISCOUNT = "discount", FIXEDTERM = "fixed_term", EVERGREEN = "evergreen" }

function catalog.phase_kind(name) return PHASES[name] or error("unknown phase '" .. tostring(name) .. "'", 0) end

local function prices(amount, currency)
  if amount == nil or amount == document.null then return nil end
  return json.array { { currency = currency, amount = tostring(amount) } }
end
catalog.prices = prices

local function limit(text)
  text = tostring(text)
  return not text:find("^%-1") and text or nil
end

-- Consumable tiers are lists of blocks, capacity tiers have a price and limits.
local function tier_of(tier, currency)
  if tier.limits then
    local limits = json.array {}
    for unit, max in pairs(tier.limits) do limits[#limits + 1] = { unit = unit, max = limit(max) } end
    table.sort(limits, function (a, b) return a.unit < b.unit end)
    return { limits = limits, prices = prices(tier.price, currency) }
  end
  local blocks = json.array {}
  for _, block in ipairs(tier) do
    blocks[#blocks + 1] = { unit = block.unit, size = tostring(block.size), max_blocks = limit(block.max_blocks),
      prices = prices(block.price, currency) }
  end
  return { blocks = blocks }
end

local function usage_of(usage, currency)
  local tiers = json.array {}
  for i, tier in ipairs(usage.tiers) do tiers[i] = tier_of(tier, currency) end
  return { name = usage.name, kind = usage.type:lower(), billing_period = usage.billing_period:lower(),
    tier_rule = lower(usage.tier_block_policy), tiers = tiers }
end

local function phase_of(phase, currency)
  local count, unit = phase.duration:match("^(%d+) (%u+)$")
  local period = lower(phase.billing_period)
  local usages = json.array {}
  for i, usage in ipairs(phase.usages or {}) do usages[i] = usage_of(usage, currency) end
  return {
    kind = catalog.phase_kind(phase.type), duration = tonumber(count), duration_unit = lower(unit) or "unlimited",
    fixed = prices(phase.fixed_price, currency), recurring = prices(phase.recurring_price, currency),
    billing_period = period ~= "no_billing_period" and period or nil, usages = #usages > 0 and usages or nil,
  }
end

-- Which add-ons can be had beside which base products, as far as a scenario tells: it has created them in one bundle, or
-- goes on with the add-on after the base has changed.
local function neighbours(case)
  local plans, plan_of, members, found = case.plans, {}, {}, {}
  local function product(name) return plans[plan_of[name]] and plans[plan_of[name]].product end
  local function note_bundle(bundle, only)
    for _, base in ipairs(members[bundle] or {}) do
      for _, other in ipairs(members[bundle]) do
        if plans[plan_of[base]].category == "BASE" and plans[plan_of[other]].category == "ADD_ON" and (not only or only == other) then
          found[product(base)] = found[product(base)] or {}
          found[product(base)][product(other)] = true
        end
      end
    end
  end
  local bundle_of = {}
  local function create(step)
    plan_of[step.subscription], bundle_of[step.subscription] = step.plan, step.bundle
    members[step.bundle] = members[step.bundle] or {}
    table.insert(members[step.bundle], step.subscription)
    note_bundle(step.bundle, plans[step.plan].category == "ADD_ON" and step.subscription or "")
  end
  for _, step in ipairs(case.steps) do
    local name = step.subscription
    if step["do"] == "create_subscription" and type(step.together) == "table" then
      for _, one in ipairs(step.together) do create(setmetatable(one, { __index = step })) end
    elseif step["do"] == "create_subscription" then
      create(step)
    elseif name and bundle_of[name] and plans[plan_of[name]].category == "ADD_ON" then
      note_bundle(bundle_of[name], name)
    end
    if step["do"] == "change_plan" and plan_of[name] then plan_of[name] = step.plan end
  end
  return found
end

-- The file catalog/scenario.json.
function catalog.file(case, effective_at)
  local plans, currency, available = case.plans, case.account.currency, neighbours(case)
  local products, by_name, list, all = json.array {}, {}, json.array {}, json.array {}
  local codes = {}
  for code in pairs(plans) do codes[#codes + 1] = code end
  table.sort(codes)
  for _, code in ipairs(codes) do
    local plan = plans[code]
    local phases = json.array {}
    for i, phase in ipairs(plan.phases) do phases[i] = phase_of(phase, currency) end
    all[#all + 1] = { code = code, product = plan.product, billing_mode = plan.billing_mode:lower(), phases = phases }
    list[#list + 1] = { code = code }
    if not by_name[plan.product] then
      local product = { name = plan.product, category = plan.category:lower() }
      by_name[plan.product], products[#products + 1] = product, product
    end
  end
  for _, product in ipairs(products) do
    local names = json.array {}
    for name in pairs(available[product.name] or {}) do names[#names + 1] = { name = name } end
    table.sort(names, function (a, b) return a.name < b.name end)
    if #names > 0 then product.available = names end
  end
  return json.encode { versions = json.array { {
    name = "scenario", effective_at = effective_at, products = products, plans = all,
    price_lists = json.array { { name = "DEFAULT", plans = list } },
  } } }
end

return catalog
