-- What the scripts share. Times are Unix milliseconds by Redis' own clock, so that instances need not agree on theirs.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local garbage = 0

-- Whatever another program left under a key of ours is thrown away and counted.
local function discard(key)
  redis.call('DEL', key)
  garbage = garbage + 1
end

-- Read from a key; nothing if it is not of the kind that is read.
local function look(command, key, ...)
  local found = redis.pcall(command, key, ...)
  if type(found) == 'table' and found.err then
    discard(key)
    return false
  end
  return found
end

-- The parts of a kept line, or nothing.
local function parts(key, pattern)
  local line = look('GET', key)
  if not line then return nil end
  local first, second, third = string.match(line, pattern)
  if not first then discard(key) end
  return first, second, third
end
