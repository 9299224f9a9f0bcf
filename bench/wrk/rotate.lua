-- Asks for one record after another: @@NUMBER@@ in the path becomes a random number of a range.
local before, after, first, last

function init(args)
  local from, to = args[1]:find("@@NUMBER@@", 1, true)
  before, after = args[1]:sub(1, from - 1), args[1]:sub(to + 1)
  first, last = tonumber(args[2]), tonumber(args[3])
  math.randomseed(os.time())
end

function request()
  return wrk.format(nil, before .. string.format("%d", math.random(first, last)) .. after)
end

dofile(os.getenv("BENCH_DONE"))
