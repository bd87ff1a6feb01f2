-- events.lua: the trace of a check under the names that the seeds use: Atomia's, Kill Bill's, or ours.

local events = {}

-- ------------------------------------------------------------------------------------------------- names

local SIDES = { pre = true, post = true, signal = true }

-- What a name means: { { event = core, side = "pre" | "post" | "signal" | "" } ... }, {} when nothing is called so.
-- "invoice.create:post" and "invoice.create.post" name one side of a core event.
function events.meanings(name)
  local meanings = catalogue.events(name)
  if #meanings > 0 then return meanings end
  local core, side = name:match("^(.+)[:%.]([a-z]+)$")
  if not core or not SIDES[side] then return {} end
  meanings = catalogue.events(core)
  for _, meaning in ipairs(meanings) do meaning.side = side end
  return meanings
end

-- Is this entry of the trace what the name means?
function events.is(entry, name)
  if not SIDES[entry.kind] then return false end
  for _, meaning in ipairs(events.meanings(name)) do
    if meaning.event == entry.name and (meaning.side == "" or meaning.side == entry.kind) then return true end
  end
  return false
end

local SYSTEMS = { "atomia", "killbill", "aps" }

-- The names that a list of events is about: the file's own, else all of the system that has every name; nil when they are
-- core names: then every event counts.
function events.vocabulary(names, of_file)
  if of_file then return of_file end
  for _, system in ipairs(SYSTEMS) do
    local all, known, count = {}, {}, 0
    for _, alias in ipairs(catalogue.aliases(system)) do
      if not known[alias.name] then
        known[alias.name] = true
        all[#all + 1] = alias.name
      end
    end
    for _, name in ipairs(names) do count = count + (known[name] and 1 or 0) end
    if #names > 0 and count == #names then return all end
  end
  return nil
end

-- Every side of every event that a system has a name for.
function events.all()
  local all, seen = {}, {}
  for _, system in ipairs { "atomia", "killbill", "aps" } do
    for _, alias in ipairs(catalogue.aliases(system)) do
      local key = alias.event .. " " .. alias.side
      if not seen[key] then all[#all + 1], seen[key] = { event = alias.event, side = alias.side }, true end
    end
  end
  return all
end

-- What a system calls one side of a core event; the core name when it has no name for it.
function events.alias(system, core, side)
  for _, alias in ipairs(catalogue.aliases(system)) do
    if alias.event == core and alias.side == side then return alias.name end
  end
  return core
end

-- ------------------------------------------------------------------------------------------------- the trace

-- What happened: pre events always, post events and signals when their command was not rolled back.
function events.happened(trace)
  local kept, of_command = {}, {}
  for _, entry in ipairs(trace) do
    if SIDES[entry.kind] then
      of_command[#of_command + 1] = entry
    elseif entry.kind == "done" or entry.kind == "rejected" then
      for _, event in ipairs(of_command) do
        if entry.kind == "done" or event.kind == "pre" then kept[#kept + 1] = event end
      end
      of_command = {}
    end
  end
  return table.move(of_command, 1, #of_command, #kept + 1, kept)
end

-- The trace as names: of `wanted` where one fits, else of the vocabulary, else "core:side"; others are left out.
function events.names(trace, wanted, vocabulary)
  local names = {}
  for _, entry in ipairs(events.happened(trace)) do
    local found
    for _, list in ipairs { wanted, vocabulary or {} } do
      for _, name in ipairs(list) do
        if not found and events.is(entry, name) then found = name end
      end
    end
    if not found and not vocabulary then found = entry.name .. ":" .. entry.kind end
    names[#names + 1] = found
  end
  return names
end

-- The entries that a name means, in order.
function events.found(trace, name)
  local found = {}
  for _, entry in ipairs(events.happened(trace)) do
    if events.is(entry, name) then found[#found + 1] = entry end
  end
  return found
end

-- The rules that ran, in order, by their names.
function events.rules(trace)
  local names = {}
  for _, entry in ipairs(trace) do
    if entry.kind == "rule" then names[#names + 1] = entry end
  end
  return names
end

return events
