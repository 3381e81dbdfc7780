-- Give a worker the next job.
--
-- KEYS[1]  ss:jobs:turns  sorted set  organisation → number of its last turn
-- KEYS[2]  ss:jobs:turn   counter of turns
-- ARGV[1]  the group, ARGV[2] the worker, ARGV[3] milliseconds after which an unrenewed job is free again
--
-- Answers {organisation, entry, job id}, or nothing. The keys of the lines, ss:jobs:line:<organisation>, follow from the
-- sorted set: a single Redis is meant.

local organisations = redis.call('ZRANGE', KEYS[1], 0, -1)

for _, organisation in ipairs(organisations) do
    local line = 'ss:jobs:line:' .. organisation
    local claimed = redis.call('XAUTOCLAIM', line, ARGV[1], ARGV[2], ARGV[3], '0-0', 'COUNT', 1)
    local entries = claimed[2]
    if entries and entries[1] and entries[1][2] then
        return {organisation, entries[1][1], entries[1][2][2]}
    end
end

for _, organisation in ipairs(organisations) do
    local line = 'ss:jobs:line:' .. organisation
    local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', line, '>')
    if read and read[1] then
        local entry = read[1][2][1]
        redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[2]), organisation)
        return {organisation, entry[1], entry[2][2]}
    end
    if redis.call('XLEN', line) == 0 then
        redis.call('ZREM', KEYS[1], organisation)
    end
end

return false
