-- metrics.lua: writes metrics.gen.h, metrics.gen.c and metrics.md (docs/metrics.md is its copy) from schema/metrics.lua.
-- Usage: lua5.4 metrics.lua SCHEMA_DIR OUT_DIR
--
-- Every series has its cells in one array, laid out here: a counter or gauge has one, a histogram has one for each
-- bucket, one for +Inf and one for the sum.

local schema_dir, out_dir = arg[1], arg[2]
if not out_dir then
  io.stderr:write("usage: lua5.4 metrics.lua SCHEMA_DIR OUT_DIR\n")
  os.exit(2)
end

local schema = dofile(schema_dir .. "/metrics.lua")
local US_PER_S = 1000000

-- ------------------------------------------------------------------------------------------------- reading

local dimensions = {}
for i, row in ipairs(schema.dimensions) do
  assert(row.name:match("^[a-z]+$") and not dimensions[row.name], "metrics.lua, dimension " .. i)
  assert(row.words or row.most, "metrics.lua: dimension " .. row.name .. " has neither words nor a bound")
  row.most = row.most or #row.words
  dimensions[row.name] = row
end

local function check(row, where)
  local name, kind, help = row[1], row[2], row[3]
  assert(name:match("^moonbill_[a-z_]+$") or name:match("^process_[a-z_]+$"), where .. "not a name")
  assert(kind == "counter" or kind == "gauge" or kind == "histogram", where .. "not a kind")
  assert((kind == "counter") == (name:match("_total$") ~= nil), where .. "a counter, and only a counter, ends in _total")
  assert((kind == "histogram") == (row.buckets ~= nil), where .. "a histogram, and only a histogram, has buckets")
  assert(help:sub(-1) == "." and not help:find("[\n\\]"), where .. "help is a sentence on one line")
  for _, bad in ipairs { "_ms", "_us", "milli", "micro", "_kb", "_minutes" } do
    assert(not name:find(bad, 1, true), where .. "units are seconds and bytes")
  end
end

local metrics, cells, seen = schema.metrics, 0, {}
for i, row in ipairs(metrics) do
  local where = ("metrics.lua, row %d (%s): "):format(i, tostring(row[1]))
  check(row, where)
  assert(not seen[row[1]], where .. "is there twice")
  seen[row[1]] = true
  row.labels = row.labels or {}
  assert(#row.labels <= 2, where .. "has more than two dimensions")
  local series = 1
  for _, label in ipairs(row.labels) do
    assert(dimensions[label], where .. "no dimension " .. label)
    series = series * dimensions[label].most
  end
  row.seconds = row.unit == "seconds" or (row.buckets and row[1]:match("_seconds$") ~= nil)
  row.first, row.cells = cells, row.buckets and #row.buckets + 2 or 1
  cells = cells + series * row.cells
end

-- ------------------------------------------------------------------------------------------------- writing

local function write(name, lines)
  local file = assert(io.open(out_dir .. "/" .. name, "w"))
  assert(file:write(table.concat(lines, "\n"), "\n"))
  assert(file:close())
end

local function constant(row)
  return "METRIC_" .. row[1]:gsub("^moonbill_", ""):upper()
end

local function header()
  local lines = {
    "/* metrics.gen.h: what a process counts, written by scripts/generate/metrics.lua from schema/metrics.lua. */",
    "#ifndef MOONBILL_METRICS_GEN_H",
    "#define MOONBILL_METRICS_GEN_H",
    "",
    "enum metric {",
  }
  for _, row in ipairs(metrics) do lines[#lines + 1] = ("\t%s,"):format(constant(row)) end
  lines[#lines + 1] = "\tMETRIC_COUNT\n};\n"
  lines[#lines + 1] = ("enum { METRIC_CELLS = %d };\n"):format(cells)
  lines[#lines + 1] = "enum metric_dimension {\n\tMETRIC_DIMENSION_NONE,"
  for _, row in ipairs(schema.dimensions) do lines[#lines + 1] = ("\tMETRIC_DIMENSION_%s,"):format(row.name:upper()) end
  lines[#lines + 1] = "\tMETRIC_DIMENSION_COUNT\n};"
  for _, row in ipairs(schema.dimensions) do
    if row.words then
      lines[#lines + 1] = "\nenum {"
      for _, word in ipairs(row.words) do
        lines[#lines + 1] = ("\tMETRIC_%s_%s,"):format(row.name:upper(), word:upper())
      end
      lines[#lines + 1] = "};"
    end
  end
  lines[#lines + 1] = "\n#endif"
  return lines
end

local function dimension_lines(lines)
  for _, row in ipairs(schema.dimensions) do
    local words = {}
    for i, word in ipairs(row.words or {}) do words[i] = ("%q, "):format(word) end
    lines[#lines + 1] = ("\t[METRIC_DIMENSION_%s] = { %s, %d, %s },"):format(row.name:upper(),
      row.words and ("%q"):format(row.label) or "NULL", row.most,
      row.words and "(const char *const[]){ " .. table.concat(words) .. "NULL }" or "NULL")
  end
end

local function bounds_of(row)
  local texts, numbers = {}, {}
  for i, bucket in ipairs(row.buckets) do
    texts[i] = ("%q"):format(bucket)
    numbers[i] = ("%d"):format(math.floor(tonumber(bucket) * (row.seconds and US_PER_S or 1) + 0.5))
    assert(i == 1 or tonumber(numbers[i]) > tonumber(numbers[i - 1]), row[1] .. ": buckets ascend")
  end
  return ("%d, (const int64_t[]){ %s },\n\t    (const char *const[]){ %s }"):format(#texts, table.concat(numbers, ", "),
    table.concat(texts, ", "))
end

local function source()
  local lines = {
    "/* metrics.gen.c: what a process counts, written from schema/metrics.lua. */",
    '#include "base/metric.h"',
    "",
    "const struct metric_dimension_info metric_dimensions[METRIC_DIMENSION_COUNT] = {",
  }
  dimension_lines(lines)
  lines[#lines + 1] = "};\n\nconst struct metric_info metric_infos[METRIC_COUNT] = {"
  for _, row in ipairs(metrics) do
    local labels = {}
    for i = 1, 2 do labels[i] = "METRIC_DIMENSION_" .. (row.labels[i] or "none"):upper() end
    lines[#lines + 1] = ("\t[%s] = { %q, %q, METRIC_KIND_%s,\n\t  %q,\n\t  { %s }, %d, %d, %s },"):format(constant(row), row[1],
      row[2], row[2]:upper(), row[3], table.concat(labels, ", "), row.first, row.seconds and US_PER_S or 1,
      row.buckets and bounds_of(row) or "0, NULL, NULL")
  end
  lines[#lines + 1] = "};"
  return lines
end

local function page()
  local lines = {
    "# Metrics",
    "",
    "Written by `scripts/generate/metrics.lua` from `schema/metrics.lua`. Where they are read: [operating.md](operating.md).",
    "",
    "| metric | kind | labels | what it says |",
    "|---|---|---|---|",
  }
  for _, row in ipairs(metrics) do
    local labels = {}
    for i, label in ipairs(row.labels) do labels[i] = dimensions[label].label end
    lines[#lines + 1] = ("| `%s` | %s | %s | %s |"):format(row[1], row[2], table.concat(labels, ", "), row[3])
  end
  lines[#lines + 1] = "\nA series appears when it is first counted. Values of labels:\n"
  for _, row in ipairs(schema.dimensions) do
    lines[#lines + 1] = ("- %s: %s."):format(row.label, row.words and table.concat(row.words, ", ") or row.doc)
  end
  return lines
end

write("metrics.gen.h", header())
write("metrics.gen.c", source())
write("metrics.md", page())
