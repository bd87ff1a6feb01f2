-- cover.lua: source that counts what of it is run: before each statement, in each branch, a call of a counter.
--
--   local counted, points = cover(source, tree, first)
--
-- Points are { line =, kind =, of = }: kind "line" for a statement, "if", "elseif", "else", "while", "for" for a branch, "and" or
-- "or" for the right side of an operator; `of` is the number of its left side (kind "left"): how often the right side was passed over
-- is the difference. A counter is called by its number, from `first` on. Lines stay where they are, so that what fails is told at the line it stands on.

return function (source, tree, first)
  local points, inserts = {}, {}
  local function point(line, kind, of)
    points[#points + 1] = { line = line, kind = kind, of = of }
    return first + #points - 1
  end
  local function insert(at, text, order) inserts[#inserts + 1] = { at = at, text = text, order = order or 0, number = #inserts } end
  local block, expression

  -- `a and b`: whether b was looked at, and whether not.
  local function side(node, kind, of)
    local number = point(node.line, kind, of)
    insert(node.from, ("__counted(%d, "):format(number), 1)
    insert(node.to + 1, ")", -1)
    return number
  end

  local function each(list)
    for _, node in ipairs(list) do expression(node) end
  end

  local expressions = {
    ["function"] = function (node) block(node.body) end,
    paren = function (node) expression(node.inner) end,
    index = function (node)
      expression(node.object)
      if node.key then expression(node.key) end
    end,
    call = function (node)
      expression(node.callee)
      each(node.arguments)
    end,
    method = function (node)
      expression(node.object)
      each(node.arguments)
    end,
    table = function (node)
      for _, item in ipairs(node.items) do
        if item.key then expression(item.key) end
        expression(item.value)
      end
    end,
    unary = function (node) expression(node.operand) end,
    binary = function (node)
      expression(node.left)
      if node.operator == "and" or node.operator == "or" then
        side(node.right, node.operator, side(node.left, "left"))
      end
      expression(node.right)
    end,
  }
  expression = function (node)
    if expressions[node.tag] then expressions[node.tag](node) end
  end

  local function branch(at, line, kind) insert(at, ("__count(%d);"):format(point(line, kind))) end

  local statements = {
    ["local"] = function (node) each(node.values) end,
    localfunction = function (node) expression(node.value) end,
    ["function"] = function (node) expression(node.value) end,
    assign = function (node)
      each(node.targets)
      each(node.values)
    end,
    do_call = function (node) expression(node.call) end,
    ["return"] = function (node) each(node.values) end,
    ["do"] = function (node) block(node.block) end,
    ["while"] = function (node)
      expression(node.condition)
      branch(node.block.from, node.line, "while")
      block(node.block)
    end,
    ["repeat"] = function (node)
      block(node.block)
      expression(node.condition)
    end,
    ["if"] = function (node)
      for i, clause in ipairs(node.clauses) do
        expression(clause.condition)
        branch(clause.block.from, clause.line, i == 1 and "if" or "elseif")
        block(clause.block)
      end
      local line = node.clauses[#node.clauses].line
      if node.otherwise then
        branch(node.otherwise.from, line, "else")
        block(node.otherwise)
      else
        insert(node.end_from, ("else __count(%d); "):format(point(line, "else")))
      end
    end,
    fornum = function (node)
      each(node.values)
      branch(node.block.from, node.line, "for")
      block(node.block)
    end,
    forin = function (node)
      each(node.values)
      branch(node.block.from, node.line, "for")
      block(node.block)
    end,
  }

  block = function (list)
    for _, statement in ipairs(list) do
      if statement.tag ~= "label" then insert(statement.from, (";__count(%d);"):format(point(statement.line, "line"))) end
      if statements[statement.tag] then statements[statement.tag](statement) end
    end
  end
  block(tree)

  -- At one place: what ends there first, then counters of branches and statements, then what begins.
  table.sort(inserts, function (a, b)
    if a.at ~= b.at then return a.at < b.at end
    if a.order ~= b.order then return a.order < b.order end
    return a.number < b.number
  end)
  local out, at = {}, 1
  for _, piece in ipairs(inserts) do
    out[#out + 1] = source:sub(at, piece.at - 1)
    out[#out + 1] = piece.text
    at = piece.at
  end
  out[#out + 1] = source:sub(at)
  return table.concat(out), points
end
