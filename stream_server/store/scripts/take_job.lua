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
    -- Not XAUTOCLAIM: it looks at ten entries and no more, all of which may be somebody's.
    local idle = redis.call('XPENDING', line, ARGV[1], 'IDLE', ARGV[3], '-', '+', 1)
    if idle[1] then
        local claimed = redis.call('XCLAIM', line, ARGV[1], ARGV[2], ARGV[3], idle[1][1])
        if claimed[1] and claimed[1][2] then
            return {organisation, claimed[1][1], claimed[1][2][2]}
        end
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
        -- Nobody asks an empty line any more, so its workers, who own nothing of it, would stay in it for good.
        for _, worker in ipairs(redis.call('XINFO', 'CONSUMERS', line, ARGV[1])) do
            if worker[4] == 0 then -- {'name', its name, 'pending', how many, …}
                redis.call('XGROUP', 'DELCONSUMER', line, ARGV[1], worker[2])
            end
        end
    end
end

return false
